-- The rows that may be tried, by lane: what is due beside a lane that has much to do and waits.
CREATE INDEX outbox_lane ON outbox (channel, target, due, id) WHERE head = 1;

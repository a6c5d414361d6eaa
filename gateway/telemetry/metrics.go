// Package telemetry holds every metric name and log key of the gateway, the logger that keeps
// secrets out, and the access event.
//
// It is for the assembly, which passes the pieces on. Nothing personal and no token is ever a label
// or an attribute: labels are peers, message types, codes and states, all from closed sets or
// verified metadata.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the gateway's metrics. Every name starts with ehdsgw_.
type Metrics struct {
	registry *prometheus.Registry
	Received *prometheus.CounterVec   // by outcome: RECEIVED, DUPLICATE, REJECTED, refused
	Refused  *prometheus.CounterVec   // by rule, before and after authentication
	Sent     *prometheus.CounterVec   // by outcome: delivered or the reason
	Latency  *prometheus.HistogramVec // of the exchange endpoint, by outcome
	Outbox   *prometheus.GaugeVec     // rows by state
	Records  *prometheus.GaugeVec     // totals by kind
	Datasets *prometheus.CounterVec   // publish passes, by action
	Reviews  *prometheus.GaugeVec     // yearly checks of descriptions, by urgency: due, soon
	Witness  *prometheus.CounterVec   // requests to witnesses, by outcome: cosigned or what kept it from that
	Resolved *prometheus.CounterVec   // chains of onboarded entities built, by outcome: held, stale, or the rule that refused
	Anchors  *prometheus.GaugeVec     // pinned anchors, by state: trusted, alarmed

	ClocksFired   *prometheus.CounterVec // statutory clocks that ran out, by kind
	ClocksOverdue *prometheus.GaugeVec   // statutory clocks whose duty is still owed, by kind
	ClocksDueSoon *prometheus.GaugeVec   // statutory clocks that end within two weeks, by kind

	Searched *prometheus.GaugeVec   // descriptions in the search index, by origin: own, eu
	Mirrored *prometheus.CounterVec // passes over the EU catalogue, by outcome: complete, changes, withheld, failed

	Notices *prometheus.GaugeVec // notices about permits that nobody has confirmed, by urgency: due, soon

	Served *prometheus.CounterVec // answers of drivers that are called, by HTTP status

	Reconciled *prometheus.CounterVec // comparisons with the centre's catalogue, by outcome: equal, different
}

// NewMetrics registers the metrics in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		Received: counter("messages_received_total", "Messages answered, by receipt status.", "status"),
		Refused:  counter("messages_refused_total", "Messages refused, by the rule that refused.", "rule"),
		Sent:     counter("messages_sent_total", "Attempts to send, by outcome.", "outcome"),
		Latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "ehdsgw", Name: "exchange_seconds", Help: "Time to answer a message.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}, []string{"status"}),
		Outbox:   gauge("outbox_rows", "Outbox rows, by state.", "state"),
		Records:  gauge("record_rows", "Rows of the record, by kind.", "kind"),
		Datasets: counter("publish_datasets_total", "Datasets of publish passes, by action.", "action"),
		Reviews:  gauge("dataset_reviews", "Yearly checks of dataset descriptions, by urgency.", "urgency"),
		Witness:  counter("witness_requests_total", "Requests to witnesses of the evidence log, by outcome.", "outcome"),
		Resolved: counter("trust_chains_total", "Trust chains built, by outcome.", "outcome"),
		Anchors:  gauge("trust_anchors", "Pinned anchors, by state.", "state"),

		ClocksFired:   counter("clocks_fired_total", "Statutory clocks that ran out, by kind.", "kind"),
		ClocksOverdue: gauge("clocks_overdue", "Statutory clocks that ran out while the duty is still owed, by kind.", "kind"),
		ClocksDueSoon: gauge("clocks_due_soon", "Statutory clocks that end within two weeks, by kind.", "kind"),

		Searched: gauge("search_descriptions", "Descriptions in the search index, by origin.", "origin"),
		Mirrored: counter("mirror_passes_total", "Passes over the EU catalogue, by outcome.", "outcome"),

		Notices: gauge("permit_notices", "Notices about permits that nobody has confirmed, by urgency.", "urgency"),

		Served: counter("driver_answers_total", "Answers to systems that call a driver, by HTTP status.", "status"),

		Reconciled: counter("reconciliations_total", "Comparisons with what the centre shows, by outcome.", "outcome"),
	}
	m.registry.MustRegister(m.Received, m.Refused, m.Sent, m.Latency, m.Outbox, m.Records, m.Datasets, m.Reviews, m.Witness, m.Resolved, m.Anchors, m.Searched, m.Mirrored, m.Served, m.Reconciled,
		m.ClocksFired, m.ClocksOverdue, m.ClocksDueSoon, m.Notices,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ehdsgw", Name: name, Help: help}, []string{label})
}

func gauge(name, help, label string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ehdsgw", Name: name, Help: help}, []string{label})
}

// Handler serves the metrics in the Prometheus text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Package gateway assembles the national gateway from its parts: New reads nothing but its options,
// Start opens the record and the listeners and starts the workers, Stop ends them in order.
//
// It is for cmd and for whoever embeds a gateway. It knows no flags, no signals and no environment.
// Nothing is acknowledged before Start has opened the record, and Stop returns only when every
// request under way has been answered or its deadline has passed.
package gateway

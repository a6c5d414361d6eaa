// Package national plays the systems behind a contact point: the national catalogue it reads, and the
// application management system that calls its National Dispatcher interface.
//
// It is for the conformance suite. The catalogue is one Turtle document over https that cases put datasets
// into and take out of; the dispatcher's client knows the interface as it is documented
// (docs/national-dispatcher.openapi.yaml), and nothing else of the gateway.
//
// It keeps all in memory and judges nothing.
package national

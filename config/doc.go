// Package config is the typed configuration of the gateway daemon.
//
// It is for the command that starts the daemon and for the assembly that reads
// the result. One value of [Config] is made from, in rising precedence, the
// defaults ([Default]), one YAML file, the EHDSGW_* environment variables and
// the overrides given as flags ([Options]).
//
// Guarantees: keys are strict, and every unknown key names the nearest known
// one; all findings are reported at once as [Errors], each with file, line,
// column and the path of the key; relative paths are resolved against the
// directory of the file; a [Secret] never prints its value; anchors, aliases,
// tags, merge keys, several documents and files over [MaxBytes] are refused
// before anything is built from them.
//
// It reads the configuration file and the files that secrets point at, nothing
// else. [CheckFiles] looks at the other files a configuration names when the
// caller asks for it. It opens no connection, starts nothing, and does not know
// which drivers were built in: a driver's name is checked for its form only.
package config

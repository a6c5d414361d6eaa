// Package ga4gh mints and reads the visas and passports that a secure processing environment takes
// from data access committees: GA4GH Passport 1.2 and the AAI OIDC profile 1.2.1. Of the visa types
// it knows ControlledAccessGrants, one per authorised person and dataset.
//
// It guarantees that
//
//   - a visa ends with the permit it stands for, and lives 24 hours unless asked otherwise, 30 days at most;
//   - what is read was signed by an issuer the caller configured, with ES256 or RS256, under the key set
//     the caller configured for it;
//   - jku is compared with the configuration and never followed: reading makes no connection.
//
// These are the only tokens read with RS256, and only here. The package knows no permits: who may have
// a visa is the caller's to decide.
package ga4gh

package config

import "time"

// Default returns the configuration before any file is read. It is not valid as
// it stands: version, entity, country, trust anchors, HDABs and the central
// entity have no default. Relative paths in it are not resolved.
func Default() Config {
	return Config{
		DataDir: "data",
		Listen:  Listen{Address: "127.0.0.1:8443"},
		Admin:   Admin{Address: "127.0.0.1:9443"},
		Trust: Trust{
			MarkRefresh: 5 * time.Minute, MarkGrace: time.Hour, StaleIfError: time.Hour,
			SignatureAlgorithms: []string{"Ed25519", "EdDSA", "ES256"}, SignaturePolicy: "classical",
		},
		Catalogue: Catalogue{
			Guard:  Guard{MaxRemovedShare: 0.2, MaxInvalidShare: 0.5, MinRecords: 10},
			Mirror: Mirror{Interval: time.Hour},
		},
		Permits: Permits{Driver: "desk", Dispatcher: Dispatcher{
			BasePath: "/national-dispatcher", Systems: []DispatcherSystem{}, Emit: []string{}, Attachments: "observed",
			SPE: DispatcherSPE{Tools: []string{}},
		}, REMS: REMS{Poll: 30 * time.Second}, AcknowledgeWithin: 5 * 24 * time.Hour, Recipients: []PermitRecipient{}},
		Gates:   Gates{EarlyCategories: "info"},
		Central: Central{Driver: "https", Profile: "hdeu-r8"},
		Exchange: Exchange{
			TokenLifetime:      24 * time.Hour,
			Hold:               5 * time.Minute,
			Grace:              24 * time.Hour,
			MaxMessage:         2 * MiB,
			MaxAttachments:     32,
			MaxAttachmentBytes: 256 * MiB,
			Retry:              Retry{First: time.Second, Max: time.Hour, GiveUp: 14 * 24 * time.Hour},
			Breaker:            Breaker{Failures: 5, Open: 30 * time.Second},
			Workers:            8,
		},
		Evidence: Evidence{Interval: 10 * time.Minute},
		Cache:    Cache{URL: NewSecret("memory:")},
		Storage:  Storage{Driver: "sqlite", MinFree: 512 * MiB},
		Log:      Log{Level: "info", Format: "json"},
	}
}

// defaultPeer fills what one entry of peers leaves out.
func defaultPeer() Peer {
	return Peer{Profile: peerProfile, Sealing: []string{"HPKE-3", "HPKE-0"},
		Recognition: Recognition{Standard: "manual", Accelerated: "manual", TrustedHolder: "manual"}}
}

// defaultSource fills what one entry of catalogue.sources leaves out.
func defaultSource() Source {
	return Source{Interval: 15 * time.Minute, Profile: "r8"}
}

// defaultSystem fills what one entry of permits.dispatcher.systems leaves out.
func defaultSystem() DispatcherSystem { return DispatcherSystem{Rate: 20} }

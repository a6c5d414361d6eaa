package config

import "time"

// REMS configures the driver "rems".
type REMS struct {
	// URL is REMS's own, https, without /api.
	URL string `yaml:"url"`
	// APIKey is one that may stand for the users below and for those named ehds-…; best as file:PATH.
	APIKey Secret `yaml:"api_key"`
	// Owner is a user with the role user-owner, who makes the users for which applications are filed.
	Owner string `yaml:"owner"`
	// Handler is a user for the gateway alone who handles every workflow that is applied to.
	Handler string `yaml:"handler"`
	// Mapping is the path of the file that says which field of the form goes to which field of REMS.
	Mapping string `yaml:"mapping" as:"path"`
	// Poll is the time between two looks at what changed; 0 means half a minute.
	Poll time.Duration `yaml:"poll"`
	// NotifySecret is what REMS's event notifications carry; without one none are taken.
	NotifySecret Secret `yaml:"notify_secret"`
	// Visas say how its visas are verified; without an issuer none are read.
	Visas REMSVisas `yaml:"visas"`
}

// REMSVisas are the means to verify visas of REMS. Nothing a visa names is fetched.
type REMSVisas struct {
	// Issuer is their iss: the public URL of REMS, as it writes it.
	Issuer string `yaml:"issuer"`
	// JKU is the one value of their header jku.
	JKU string `yaml:"jku"`
	// JWKS is the path of its public keys, as its /api/jwk gave them out.
	JWKS string `yaml:"jwks" as:"path"`
}

// checkREMS checks the driver's settings where it is the driver.
func (b *builder) checkREMS(path string, p Permits, development bool) {
	r := p.REMS
	if p.Driver != "rems" {
		return
	}
	path += ".rems"
	if b.required(path+".url", r.URL) {
		b.entityURL(path+".url", r.URL, development)
	}
	if r.APIKey.IsZero() {
		b.refuse(path+".api_key", "required; file:PATH of the key, or env:NAME")
	}
	b.required(path+".owner", r.Owner)
	b.required(path+".handler", r.Handler)
	b.required(path+".mapping", r.Mapping)
	if v := r.Visas; v != (REMSVisas{}) && (v.Issuer == "" || v.JWKS == "") {
		b.refuse(path+".visas", "issuer and jwks go together")
	}
	if r.Poll != 0 {
		between(b, path+".poll", r.Poll, time.Second, time.Hour)
	}
}

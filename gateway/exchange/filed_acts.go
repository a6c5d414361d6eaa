package exchange

import (
	"cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// filedIn reads the filing a case holds.
func filedIn(s store.State) (filing.Filing, error) {
	f, ok := ReadFiled(s.Doc)
	if _, forwarded := ReadForwarded(s.Doc); forwarded {
		return f, fault.New(fault.Conflict, "act-at-the-centre",
			"this application was forwarded to the centre: the applicant goes on with it at the centre's front office").At("/case")
	}
	if !ok {
		return f, fault.New(fault.NotFound, "no-such-filing", "no application was filed with another hub under this case").At("/case")
	}
	return f, nil
}

// done is the change an act makes: the filing after it, and its message.
func (a *Filings) done(f filing.Filing, row store.Outgoing) store.Change {
	return store.Change{Doc: mustJSON(FiledDoc{&f}), Send: []store.Outgoing{row}}
}

// Amend files a new version; without a number it is the next. The deciding side has it in force when it
// validates it.
func (a *Filings) Amend(s store.State, body ehds.ApplicationBody, files Files) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	body.ApplicationID, body.DateSubmitted = cmp.Or(body.ApplicationID, f.ID), stamp(s.Now)
	body.Version = cmp.Or(body.Version, f.Versions[len(f.Versions)-1].Number+1)
	row := a.Compose.Message(Draft{To: f.To, Type: ehds.ApplicationAmended, Case: s.Case, Body: body, Attachments: files.List, Blobs: files.Blobs})
	if f, err = f.Amended(body, row.Jti, s.Now); err != nil {
		return store.Change{}, err
	}
	return a.done(f, row), nil
}

// Withdraw withdraws what is undecided.
func (a *Filings) Withdraw(s store.State, reason string) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	row := a.Compose.Message(Draft{To: f.To, Type: ehds.ApplicationWithdraw, Case: s.Case,
		Body: ehds.WithdrawBody{ApplicationID: f.ID, Date: stamp(s.Now), Reason: reason}})
	if f, err = f.Withdrawn(row.Jti, s.Now); err != nil {
		return store.Change{}, err
	}
	return a.done(f, row), nil
}

// reply is a message that refers to one of the deciding side, on the track that spoke.
func (a *Filings) reply(s store.State, f filing.Filing, t filing.Track, ref filing.Ref, typ ehds.MessageType, jti string, body any, files Files) store.Change {
	row := a.Compose.Message(Draft{To: f.To, Type: typ, Case: s.Case, Track: &t.Key, Ref: ref.Jti, RefSHA256: ref.TokenSHA256, Jti: jti,
		Body: body, Attachments: files.List, Blobs: files.Blobs})
	return a.done(f, row)
}

// Complete answers what a body asked to complete. hdab may be empty where there is one track.
func (a *Filings) Complete(s store.State, hdab string, sections []ehds.InfoAnswer, files Files) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	jti := a.Compose.NewID()
	f, t, err := f.Completed(hdab, jti, s.Now)
	if err != nil {
		return store.Change{}, err
	}
	return a.reply(s, f, t, t.Asked.Ref, ehds.ApplicationInfo, jti, ehds.InfoBody{
		ApplicationID: f.ID, Version: f.Application.Version, RespondedAt: stamp(s.Now), Sections: sections,
	}, files), nil
}

// Answer answers a decision. hdab may be empty where there is one track.
func (a *Filings) Answer(s store.State, hdab string, answer ehds.Answer) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	jti := a.Compose.NewID()
	f, t, err := f.Answer(hdab, answer, jti, s.Now)
	if err != nil {
		return store.Change{}, err
	}
	return a.reply(s, f, t, t.Decision.Ref, ehds.DecisionAnswer, jti, ehds.DecisionAnswerBody{
		ApplicationID: f.ID, DecisionID: t.Decision.Card.DecisionID, Answer: answer, RespondedAt: stamp(s.Now),
	}, Files{}), nil
}

// Share shows the deciding hub what one of our own bodies decided on the same project, with the permit that
// followed, so that it may be recognised there (Art. 68(5)).
func (a *Filings) Share(s store.State, track ehds.Track, decision ehds.DecisionBody, permit string, files Files) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	row := a.Compose.Message(Draft{To: f.To, Type: ehds.ApplicationShared, Case: s.Case, Track: &track, Attachments: files.List, Blobs: files.Blobs,
		Body: ehds.SharedBody{ApplicationID: f.ID, Date: stamp(s.Now), Decision: &decision, Permit: permit}})
	if f, err = f.Showed(row.Jti, s.Now); err != nil {
		return store.Change{}, err
	}
	return a.done(f, row), nil
}

// Appeal sends the text of an appeal against a refusal. hdab may be empty where there is one track.
func (a *Filings) Appeal(s store.State, hdab, text string, files Files) (store.Change, error) {
	f, err := filedIn(s)
	if err != nil {
		return store.Change{}, err
	}
	jti := a.Compose.NewID()
	f, t, err := f.Appealed(hdab, jti, jti, s.Now)
	if err != nil {
		return store.Change{}, err
	}
	return a.reply(s, f, t, t.Decision.Ref, ehds.AppealSubmit, jti, ehds.AppealBody{
		ApplicationID: f.ID, DecisionID: t.Decision.Card.DecisionID, AppealID: jti, Text: text, Date: stamp(s.Now),
	}, files), nil
}

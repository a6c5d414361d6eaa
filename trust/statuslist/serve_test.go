package statuslist

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestServable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		query  string
		accept []string
		want   error
	}{
		"no Accept":                   {"", nil, nil},
		"its own type":                {"", []string{"application/statuslist+jwt"}, nil},
		"in capitals":                 {"", []string{"Application/StatusList+JWT"}, nil},
		"among others":                {"", []string{"application/statuslist+cwt, application/statuslist+jwt;q=0.5"}, nil},
		"in a second field":           {"", []string{"application/statuslist+cwt", "application/statuslist+jwt"}, nil},
		"any application type":        {"", []string{"application/*"}, nil},
		"anything":                    {"", []string{"text/html, */*;q=0.1"}, nil},
		"what cannot be read":         {"", []string{"@@"}, nil},
		"CWT only":                    {"", []string{"application/statuslist+cwt"}, ErrAccept},
		"a page":                      {"", []string{"text/html"}, ErrAccept},
		"anything but this":           {"", []string{"application/statuslist+jwt;q=0"}, ErrAccept},
		"a list of the past":          {"?time=1686925000", nil, ErrPast},
		"a list of the past, no date": {"?time", nil, ErrPast},
		"another parameter":           {"?x=1", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/status/2027"+tt.query, nil)
			for _, a := range tt.accept {
				r.Header.Add("Accept", a)
			}
			if err := Servable(r); !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{ErrPast: 501, ErrAccept: 406} {
		w := httptest.NewRecorder()
		Refuse(w, err)
		if w.Code != status || w.Body.String() != err.Error()+"\n" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
		}
	}
}

// What is served tells no reader from another, and nothing that came before can add a cookie.
func TestServe(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	w.Header().Set("Set-Cookie", "who=you")
	Serve(w, "a.b.c")
	want := map[string]string{
		"Content-Type": "application/statuslist+jwt", "Cache-Control": "max-age=300",
		"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "", "Set-Cookie": "", "Vary": "Accept",
	}
	for name, value := range want {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if w.Code != 200 || w.Body.String() != "a.b.c" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

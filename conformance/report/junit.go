package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// junitSuites is the form of the Apache Ant JUnit task that build servers read.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitTrouble `xml:"failure,omitempty"`
	Error     *junitTrouble `xml:"error,omitempty"`
	Skipped   *junitTrouble `xml:"skipped,omitempty"`
}

type junitTrouble struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the results as JUnit XML, one suite for each group. A SHOULD that does not hold is no failure
// there: it stands in the case's output of the other forms.
func JUnit(w io.Writer, r conformance.Report) error {
	out := junitSuites{
		Name: "EHDS conformance (" + r.Standing + ")", Tests: len(r.Results), Failures: r.Counts.Fail, Errors: r.Counts.Error,
		Skipped: r.Counts.Skip, Time: seconds(r.Took.Seconds()),
	}
	at := map[string]int{}
	for _, res := range r.Results {
		i, known := at[res.Group]
		if !known {
			i = len(out.Suites)
			at[res.Group] = i
			out.Suites = append(out.Suites, junitSuite{Name: res.Group})
		}
		out.Suites[i].add(res)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(res conformance.Result) {
	c := junitCase{Name: res.ID + " " + clean(res.Title), Classname: "ehds." + res.Group, Time: seconds(res.Took.Seconds())}
	t := &junitTrouble{Message: clean(res.Reason), Text: clean(broken(res))}
	switch res.Outcome {
	case conformance.Fail:
		c.Failure = t
		s.Failures++
	case conformance.Err:
		c.Error = t
		s.Errors++
	case conformance.Skip:
		c.Skipped = &junitTrouble{Message: t.Message}
		s.Skipped++
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

// broken lists the assertions that did not hold.
func broken(res conformance.Result) string {
	var lines []string
	for _, a := range res.Assertions {
		if !a.Held {
			lines = append(lines, fmt.Sprintf("%s: %s; expected %s, was %s", a.Clause, a.What, a.Expected, a.Actual))
		}
	}
	return strings.Join(lines, "\n")
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }

// clean leaves out what XML 1.0 cannot hold: a target's answer may be anything.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD && r != 0xFFFD || r >= 0x10000 {
			return r
		}
		return '?'
	}, s)
}

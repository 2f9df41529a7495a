package enact

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of JUnit XML that continuous integration servers read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
		seconds  float64
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Classname string        `xml:"classname,attr"`
		File      string        `xml:"file,attr"`
		Line      int           `xml:"line,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the report as JUnit XML: one suite for each document, in the order of the results. A failure has the explanations as
// its text.
func (r *Report) JUnit(w io.Writer) error {
	out := junitSuites{Name: "gatehouse policy " + r.Version}
	seconds := 0.0
	for i := range r.Results {
		result := &r.Results[i]
		if n := len(out.Suites); n == 0 || out.Suites[n-1].Name != result.Document {
			out.Suites = append(out.Suites, junitSuite{Name: result.Document})
		}
		suite := &out.Suites[len(out.Suites)-1]
		at := result.Test.Pos
		c := junitCase{
			Name: result.Test.Name, Classname: result.Document, File: at.File, Line: at.Line, Time: junitTime(result.Duration.Seconds()),
		}
		if !result.OK {
			var text strings.Builder
			fmt.Fprintf(&text, "%s\nexpected %s, got %s\n", at, result.Expected(), result.Actual())
			for j := range result.Explanations {
				text.WriteString(result.Explanations[j].Text())
			}
			c.Failure = &junitFailure{Message: result.Problem, Type: "decision", Text: text.String()}
			suite.Failures++
			out.Failures++
		}
		suite.Tests++
		out.Tests++
		suite.seconds += result.Duration.Seconds()
		suite.Time = junitTime(suite.seconds)
		seconds += result.Duration.Seconds()
		suite.Cases = append(suite.Cases, c)
	}
	out.Time = junitTime(seconds)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.6f", seconds) }

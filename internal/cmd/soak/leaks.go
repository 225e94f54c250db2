package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// leaks searches everything a program may print for secrets, in every form that a library may give
// them. Loggers write to it as an io.Writer. It is safe for concurrent use.
type leaks struct {
	found *findings
	forms [][]byte
	bytes atomic.Int64
}

func newLeaks(found *findings, secrets ...string) *leaks {
	l := &leaks{found: found}
	for _, secret := range secrets {
		l.forms = append(l.forms, forms(secret)...)
	}
	return l
}

// forms returns the spellings of a secret.
func forms(secret string) [][]byte {
	quoted := strings.Trim(string(must(json.Marshal(secret))), `"`)
	list := []string{
		secret, quoted, strings.Trim(fmt.Sprintf("%q", secret), `"`),
		url.QueryEscape(secret), url.PathEscape(secret), url.QueryEscape(url.QueryEscape(secret)),
		strings.ToLower(url.QueryEscape(secret)), strings.ReplaceAll(quoted, "/", `\/`),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
		base64.StdEncoding.EncodeToString([]byte(secret)),
	}
	slices.Sort(list)
	var all [][]byte
	for _, form := range slices.Compact(list) {
		all = append(all, []byte(form))
	}
	return all
}

// must is for what cannot fail: encoding a text as JSON.
func must(b []byte, _ error) []byte { return b }

// Write searches a log record.
func (l *leaks) Write(p []byte) (int, error) {
	l.search("log record", p)
	return len(p), nil
}

// value searches v as a careless program would print it.
func (l *leaks) value(where string, v any) {
	var all bytes.Buffer
	for _, format := range []string{"%v\n", "%+v\n", "%#v\n"} {
		_, _ = fmt.Fprintf(&all, format, v)
	}
	if text, err := json.Marshal(v); err == nil {
		all.Write(text)
	}
	l.search(where, all.Bytes())
}

// failure searches an error and everything in its chain.
func (l *leaks) failure(err error) {
	if err == nil {
		return
	}
	l.value("error", err)
	switch inner := err.(type) { //nolint:errorlint // the chain is walked link by link
	case interface{ Unwrap() error }:
		l.failure(inner.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range inner.Unwrap() {
			l.failure(e)
		}
	}
}

func (l *leaks) search(where string, text []byte) {
	l.bytes.Add(int64(len(text)))
	for _, form := range l.forms {
		if i := bytes.Index(text, form); i >= 0 {
			const around = 160
			before, after := text[max(0, i-around):i], text[i+len(form):min(len(text), i+len(form)+around)]
			l.found.add(secretsSeen, "%s: ...%s[SECRET]%s...", where, before, after)
			return
		}
	}
}

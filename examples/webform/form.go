package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/b24go/b24"
)

const (
	attempt  = 8 * time.Second  // for one request to the portal
	patience = 20 * time.Second // for a visitor who waits
	lookup   = 5 * time.Second  // for the look after a lost answer
)

const text = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Call me</title>
<p>{{.Message}}</p>{{if .Key}}<form method="post"><input type="hidden" name="key" value="{{.Key}}">
<label>Name <input name="name" value="{{.Name}}"></label>
<label>Phone <input name="phone" value="{{.Phone}}"></label>
<label>E-mail <input name="email" value="{{.Email}}"></label>
<button>Call me</button></form>{{end}}</html>
`

// submission is a form as a visitor sent it.
type submission struct {
	Key, Name, Phone, Email string
	// Message is what the visitor is told.
	Message string
}

// form is the http.Handler of the form.
type form struct {
	client b24.Client
	log    *slog.Logger
	page   *template.Template
	turn   chan struct{} // capacity 1: who is in it is the one that looks and creates
}

func newForm(c b24.Client, log *slog.Logger) (*form, error) {
	page, err := template.New("form").Parse(text)
	return &form{client: c, log: log, page: page, turn: make(chan struct{}, 1)}, err
}

// ServeHTTP shows the form, or handles it.
func (f *form) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		f.answer(r.Context(), w, http.StatusOK, submission{Key: rand.Text(), Message: "Leave your number or your address."})
	case http.MethodPost:
		f.submit(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
	}
}

func (f *form) submit(w http.ResponseWriter, r *http.Request) {
	s, err := read(w, r)
	if err != nil {
		s.Message = err.Error()
		f.answer(r.Context(), w, http.StatusBadRequest, s)
		return
	}
	// A visitor who closes the page has sent the form all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	if err := f.lead(ctx, s); err != nil {
		f.log.ErrorContext(ctx, "no lead", slog.String("form", s.Key), slog.Any("error", err))
		w.Header().Set("Retry-After", "60")
		s.Message = "We could not save it. Please send it again in a minute: it will be saved once."
		f.answer(r.Context(), w, http.StatusServiceUnavailable, s)
		return
	}
	f.answer(r.Context(), w, http.StatusOK, submission{Message: "Thank you. We will call you."})
}

func (f *form) answer(ctx context.Context, w http.ResponseWriter, status int, s submission) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // each page has its own id
	w.WriteHeader(status)
	if err := f.page.Execute(w, s); err != nil {
		f.log.ErrorContext(ctx, "page", slog.Any("error", err))
	}
}

// read reads a submission. What is wrong with it is for the visitor to read.
func read(w http.ResponseWriter, r *http.Request) (submission, error) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return submission{Key: rand.Text()}, errors.New("the form could not be read")
	}
	value := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	s := submission{Key: value("key"), Name: value("name"), Phone: value("phone"), Email: value("email")}
	switch all := s.Name + s.Phone + s.Email; {
	case !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(s.Key): // as rand.Text makes it
		return submission{Key: rand.Text()}, errors.New("this page is too old, please enter it again")
	case !utf8.ValidString(all) || len(all) > 500:
		return submission{Key: s.Key}, errors.New("this is too long, or no text")
	case s.Name == "":
		return s, errors.New("please enter your name")
	case s.Phone == "" && s.Email == "":
		return s, errors.New("please enter a phone number or an e-mail address")
	}
	return s, nil
}

// originator identifies this program in the leads it creates.
const originator = "webform"

// lead makes sure that there is a lead.
func (f *form) lead(ctx context.Context, s submission) error {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return fmt.Errorf("wait for the submissions before: %w", ctx.Err())
	}
	if exists, err := f.find(ctx, s.Key); exists || err != nil { // sent before
		return err
	}
	fields, err := f.known(ctx, s)
	if fields == nil || err != nil { // nil: the person has an open lead
		return err
	}
	_, err = b24.Call[b24.ID](ctx, f.client, "crm.lead.add", b24.Params{"fields": fields})
	if err == nil || !b24.MayHaveExecuted(err) {
		return err
	}
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookup)
	defer cancel()
	exists, lookErr := f.find(look, s.Key)
	switch {
	case exists:
		return nil
	case lookErr != nil:
		return fmt.Errorf("%w; it was not looked for: %w", err, lookErr)
	}
	return fmt.Errorf("%w; it is not there", err)
}

// find reports whether the lead of a form exists. A misspelled field in a filter of crm.lead.list
// finds all leads, so the answer is compared.
func (f *form) find(ctx context.Context, key string) (bool, error) {
	lead, err := b24.First(b24.List[struct {
		ID     b24.ID `json:"ID"`
		Origin string `json:"ORIGIN_ID"`
	}](ctx, f.client, "crm.lead.list", b24.Params{
		"filter": b24.Params{"=ORIGINATOR_ID": originator, "=ORIGIN_ID": key},
		"select": []string{"ID", "ORIGIN_ID"},
	}))
	if errors.Is(err, b24.ErrNoRow) {
		return false, nil
	}
	if err == nil && lead.Origin != key {
		err = fmt.Errorf("lead %s has ORIGIN_ID %q, which the filter excludes", lead.ID, lead.Origin)
	}
	return err == nil, err
}

// known returns the fields of the lead to create, those of the person included if the portal knows
// the phone or the e-mail; nil if there is an open lead of the person.
func (f *form) known(ctx context.Context, s submission) (b24.Params, error) {
	fields := b24.Params{"TITLE": "Web form: " + s.Name, "NAME": s.Name, "SOURCE_ID": "WEB", "ORIGINATOR_ID": originator, "ORIGIN_ID": s.Key}
	var leads []b24.ID
	for _, by := range []struct{ kind, value string }{{"EMAIL", s.Email}, {"PHONE", s.Phone}} { // the phone decides
		if by.value == "" {
			continue
		}
		fields[by.kind] = []b24.Params{{"VALUE": by.value, "VALUE_TYPE": "WORK"}}
		found, err := b24.Call[b24.Map[[]b24.ID]](ctx, f.client, "crm.duplicate.findbycomm", b24.Params{"type": by.kind, "values": []string{by.value}})
		if err != nil {
			return nil, err
		}
		leads = append(leads, found["LEAD"]...)
		for kind, field := range map[string]string{"CONTACT": "CONTACT_ID", "COMPANY": "COMPANY_ID"} {
			if ids := found[kind]; len(ids) > 0 {
				fields[field] = ids[0]
			}
		}
	}
	for lead, err := range b24.List[struct {
		ID       b24.ID `json:"ID"`
		Semantic string `json:"STATUS_SEMANTIC_ID"`
	}](ctx, f.client, "crm.lead.list", b24.Params{
		"filter": b24.Params{"@ID": leads}, // no ids: no request
		"select": []string{"ID", "STATUS_SEMANTIC_ID"},
	}) {
		if err != nil {
			return nil, err
		}
		if lead.Semantic != "S" && lead.Semantic != "F" { // neither converted nor lost
			return nil, nil
		}
	}
	return fields, nil
}

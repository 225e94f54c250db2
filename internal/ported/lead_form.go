package ported

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/b24go/b24"
)

// LeadForm handles a web form: it creates a lead and answers with its id. The visitor never reads
// more than that a field is wrong.
func LeadForm(c b24.Client, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 10_000)
		err := r.ParseForm()
		var id b24.ID
		if err == nil {
			id, err = AddLead(r.Context(), c, r.PostForm)
		}
		answer := map[string]any{"message": "Lead created", "id": id}
		if err != nil {
			log.LogAttrs(r.Context(), slog.LevelError, "lead", slog.Any("error", err))
			answer = map[string]any{"message": "Please check the form, or call us"}
			w.WriteHeader(http.StatusBadRequest)
		}
		_ = json.NewEncoder(w).Encode(answer) // the visitor has left
	}
}

// AddLead creates a lead from the fields NAME (required), LAST_NAME, COMPANY_TITLE, PHONE and EMAIL
// of a form.
func AddLead(ctx context.Context, c b24.Client, form url.Values) (b24.ID, error) {
	field := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	name, email := field("NAME"), field("EMAIL")
	if name == "" {
		return "", errors.New("the name is empty")
	}
	if _, err := mail.ParseAddress(email); email != "" && err != nil {
		return "", err
	}
	for key := range form {
		if len(field(key)) > 200 {
			return "", errors.New(key + " is too long")
		}
	}
	contacts := []b24.Params{}
	for _, kind := range []string{"PHONE", "EMAIL"} {
		if value := field(kind); value != "" {
			contacts = append(contacts, b24.Params{"typeId": kind, "valueType": "WORK", "value": value})
		}
	}
	title := strings.TrimSpace("From the website: " + name + " " + field("LAST_NAME"))
	if company := field("COMPANY_TITLE"); company != "" {
		title += " - " + company
	}
	return b24.Call[b24.ID](ctx, c, "crm.item.add", b24.Params{"entityTypeId": 1, "fields": b24.Params{
		"title": title, "name": name, "lastName": field("LAST_NAME"), "companyTitle": field("COMPANY_TITLE"), "fm": contacts,
	}}, b24.WithResultKey("item", "id"))
}

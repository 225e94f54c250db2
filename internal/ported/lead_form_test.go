package ported_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func submit(t *testing.T, hook *b24.Hook, form url.Values) (status int, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/form", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	ported.LeadForm(hook, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestLeadForm(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	status, body := submit(t, hook, url.Values{
		"NAME": {" Klaus "}, "LAST_NAME": {"Weber"}, "COMPANY_TITLE": {"Weber & Son"}, "EMAIL": {"k@example.com"}, "PHONE": {"+49 30 1"},
	})

	assert.Equal(t, http.StatusOK, status)
	rows := p.Rows("crm.item:1")
	require.Len(t, rows, 1)
	id, _ := rows[0]["id"].(json.Number)
	assert.JSONEq(t, `{"message":"Lead created","id":"`+id.String()+`"}`, body)
	for field, value := range map[string]string{
		"title": "From the website: Klaus Weber - Weber & Son", "name": "Klaus", "lastName": "Weber", "companyTitle": "Weber & Son",
	} {
		assert.Equal(t, value, rows[0][field], field)
	}
	assert.Len(t, rows[0]["fm"], 2)
}

func TestLeadFormRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	for _, form := range []url.Values{
		{}, {"NAME": {"  "}}, {"NAME": {"Klaus"}, "EMAIL": {"not an address"}}, {"NAME": {strings.Repeat("x", 201)}}, {"NAME": {strings.Repeat("x", 20_000)}},
	} {
		status, body := submit(t, hook, form)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.NotContains(t, body, "id")
	}
	assert.Empty(t, p.Requests())
}

func TestLeadFormAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Fault("crm.item.add", b24test.ResetAfter())

	status, body := submit(t, hook, url.Values{"NAME": {"Klaus"}})

	assert.NotEqual(t, http.StatusOK, status)
	assert.NotContains(t, body, p.Secret())
	assert.Len(t, p.Rows("crm.lead"), 1, "it is not sent twice")
}

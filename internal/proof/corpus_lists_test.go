package proof_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/scan"
)

// bodies are the documented requests that have parameters.
func bodies(t *testing.T) []record {
	t.Helper()
	var all []record
	for _, r := range records(t) {
		if r.Kind == "success" && r.Request != nil && len(r.Request.Body) > 0 && r.Request.Body[0] == '{' {
			all = append(all, r)
		}
	}
	return all
}

// What the documentation shows is sent as it stands, in a call and, where a query string can say it, in a batch.
func TestDocumentedRequestsAreSent(t *testing.T) {
	t.Parallel()
	all := bodies(t)
	require.Greater(t, len(all), 150)
	for _, r := range all {
		p, h := newPortal(t)
		p.Fault("*", b24test.Status(200, `{"result":[]}`).Always())
		_, err := r.over(h).CallMethod(t.Context(), r.Method, r.Request.Body)
		require.NoError(t, err, "%s %s", r.Method, r.Request.Body)
		require.Len(t, p.HTTPRequests(), 1, r.ID)
		assert.JSONEq(t, string(r.Request.Body), string(p.HTTPRequests()[0].RawBody), r.ID)
	}
}

// A list that the documentation shows has the rows that a call with its parameters has where a page holds all.
func TestDocumentedListsHaveTheirRows(t *testing.T) {
	t.Parallel()
	read := 0
	var refused []string
	for _, r := range bodies(t) {
		if !scan.Known(strings.ToLower(r.Method), r.Version == "v3") {
			continue
		}
		p, h := newPortal(t)
		if !seedDocumented(t, p, r) {
			continue
		}
		one := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithPageSize(100_000))
		seedDocumented(t, one, r)
		call, failed := newHook(t, one).CallMethod(t.Context(), r.Method, wholeList(t, r))
		report := b24.ListReport{}
		rows, err := b24.Collect(b24.List[json.RawMessage](t.Context(), r.over(h), r.Method, withoutStart(t, r), b24.WithReport(&report)))
		switch {
		case errors.Is(err, b24.ErrInvalidParams):
			refused = append(refused, r.Method)
		case failed != nil:
			require.Error(t, err, "%s: the portal refuses the call: %v", r.Method, failed)
		default:
			require.NoError(t, err, "%s %s", r.Method, r.Request.Body)
			assert.ElementsMatch(t, rowTexts(t, rowsOf(call.Raw())), rowTexts(t, rows), "%s %s", r.Method, r.Request.Body)
			if len(rows) > 50 {
				read++
			}
		}
	}
	assert.Greater(t, read, 10, "lists of several pages")
	assert.Equal(t, []string{ // the first deletes what lies before its offset, the second is asked in its other direction, the others order by what start never reaches
		"imbot.v2.Event.get", "log.blogcomment.user.get", "sale.propertygroup.list", "sale.propertyvariant.list",
	}, refused)
}

// wholeList is a documented body that asks for all rows in one page.
func wholeList(t *testing.T, r record) json.RawMessage {
	t.Helper()
	body := withoutStart(t, r)
	if r.Method != "im.recent.list" {
		return body
	}
	return json.RawMessage(strings.TrimSuffix(strings.TrimSpace(string(body)), "}") + `,"LIMIT":200}`)
}

// withoutStart is a documented body without a place to begin at, which belongs to the reading of a list.
func withoutStart(t *testing.T, r record) json.RawMessage {
	t.Helper()
	var body map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(r.Request.Body, &body), r.ID)
	if _, there := body["start"]; !there {
		return r.Request.Body
	}
	delete(body, "start")
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return text
}

// seedDocumented puts rows behind a method, some of which have what the conditions of its filter name; false: the fake
// has no such method.
func seedDocumented(t *testing.T, p *b24test.Portal, r record) bool {
	t.Helper()
	var body struct {
		Filter map[string]any `json:"filter"` // of any letter case
		Type   any            `json:"entityTypeId"`
	}
	if json.Unmarshal(r.Request.Body, &body) != nil || r.Version == "v3" {
		return false
	}
	entity := r.Method
	if r.Method == "crm.item.list" {
		entity = "crm.item:" + text(body.Type)
	}
	if p.SeedJSON(strings.NewReader(`{"`+entity+`":[]}`)) != nil {
		return false
	}
	p.SeedN(entity, 130, func(i int) b24.Params {
		row := b24.Params{}
		for _, key := range slices.Sorted(maps.Keys(body.Filter)) {
			v := body.Filter[key]
			if list, ok := v.([]any); ok && len(list) > 0 {
				v = list[i%len(list)]
			}
			name := strings.TrimLeft(key, "!=<>%@?*")
			alike := i%3 > 0 && r.Method != "sale.statusLang.list" || i == 1 // these fields tell its rows apart
			if _, group := v.(map[string]any); !group && alike && name != "" && !strings.EqualFold(name, "id") {
				row[name] = v
			}
		}
		return row
	})
	_, err := r.over(newHook(t, p)).CallMethod(t.Context(), r.Method, withoutStart(t, r))
	return !errors.Is(err, b24.ErrMethodNotFound)
}

// rowsOf are the rows of a result: its elements, or those of its member that has some.
func rowsOf(result json.RawMessage) (rows []json.RawMessage) {
	var outer map[string]json.RawMessage
	if json.Unmarshal(result, &rows) == nil || json.Unmarshal(result, &outer) != nil {
		return rows
	}
	for _, member := range outer {
		var keyed map[string]json.RawMessage
		switch {
		case json.Unmarshal(member, &rows) == nil && len(rows) > 0:
			return rows
		case json.Unmarshal(member, &keyed) == nil:
			rows = slices.Collect(maps.Values(keyed))
		}
	}
	return rows
}

// rowTexts are rows as texts that differ where the rows do.
func rowTexts(t *testing.T, rows []json.RawMessage) []string {
	t.Helper()
	texts := make([]string, len(rows))
	for i, row := range rows {
		var v any
		require.NoError(t, json.Unmarshal(row, &v))
		text, err := json.Marshal(v)
		require.NoError(t, err)
		texts[i] = string(text)
	}
	return texts
}

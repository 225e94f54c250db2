package b24test_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A misspelled name of a custom field is written nowhere, and the classic list does not filter by it.
func TestAnEntityHasNoOtherCustomFieldsThanThoseNamed(t *testing.T) {
	t.Parallel()
	for name, has := range map[string]func(p *b24test.Portal){
		"defined": func(p *b24test.Portal) {
			p.Define("crm.deal", b24test.Field{Name: "UF_CRM_EXPORTED_AT", Type: "datetime"})
			p.Seed("crm.deal", b24.Params{"TITLE": "a"}, b24.Params{"TITLE": "b"})
		},
		"added": func(p *b24test.Portal) {
			p.Seed("crm.deal", b24.Params{"TITLE": "a"}, b24.Params{"TITLE": "b"})
			a := call(t, p, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_AT","userTypeId":"datetime"}}`)
			require.Equal(t, http.StatusOK, a.Status, a.Body)
		},
		"seeded": func(p *b24test.Portal) {
			p.Seed("crm.deal", b24.Params{"TITLE": "a", "UF_CRM_EXPORTED_AT": "2026-01-01T00:00:00+00:00"}, b24.Params{"TITLE": "b"})
		},
		"generated": func(p *b24test.Portal) {
			p.SeedN("crm.deal", 2, func(int) b24.Params { return b24.Params{"UF_CRM_EXPORTED_AT": "2026-01-01T00:00:00+00:00"} }, b24test.Generated())
		},
		"an item's": func(p *b24test.Portal) {
			p.Seed("crm.item:2", b24.Params{"ufCrmExportedAt": "2026-01-01T00:00:00+00:00"}, b24.Params{"title": "b"})
		},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		has(p)
		for _, fields := range []string{`"UF_CRM_EXPORTD_AT":"2026-02-02"`, `"ufCrmExportedAt":"2026-02-02"`, `"ufCrmOther":1`} {
			require.Equal(t, "true", resultText(t, call(t, p, "crm.deal.update", `{"id":1,"fields":{`+fields+`}}`)), name)
		}
		for _, fields := range []string{`"ufCrmExportdAt":1`, `"UF_CRM_EXPORTD_AT":1`} {
			call(t, p, "crm.item.update", `{"entityTypeId":2,"id":1,"useOriginalUfNames":"Y","fields":{`+fields+`}}`)
		}
		for _, row := range p.Rows("crm.deal") {
			assert.NotContains(t, row, "UF_CRM_EXPORTD_AT", name)
			assert.NotContains(t, row, "ufCrmExportedAt", name)
			assert.NotContains(t, row, "ufCrmOther", name)
			assert.NotContains(t, row, "UF_CRM_OTHER", name)
		}
		assert.Equal(t, "1 2", listed(t, p, "crm.deal.list", `{"filter":{"UF_CRM_ZZZ":1}}`), name)
		assert.Equal(t, "1 2", listed(t, p, "crm.deal.list", `{"filter":{"ufCrmExportedAt":1}}`), name)
		assert.Equal(t, "error INVALID_ARG_VALUE", listed(t, p, "crm.item.list", `{"entityTypeId":2,"filter":{"ufCrmZzz":1}}`), name)
	}
}

// A test that names no custom field at all may use any.
func TestAnEntityWithoutNamedCustomFieldsTakesAny(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"TITLE": "a"})
	require.Equal(t, "true", resultText(t, call(t, p, "crm.deal.update", `{"id":1,"fields":{"UF_CRM_A":"x","ufCrmB":"y"}}`)))
	require.Equal(t, "true", resultText(t, call(t, p, "crm.deal.update", `{"id":1,"fields":{"UF_CRM_C":"z"}}`)))
	row := p.Rows("crm.deal")[0]
	assert.Equal(t, "x", row["UF_CRM_A"])
	assert.Equal(t, "z", row["UF_CRM_C"])
	assert.NotContains(t, row, "ufCrmB", "no classic method writes a name in camel case")
	assert.Equal(t, "1", listed(t, p, "crm.deal.list", `{"filter":{"UF_CRM_A":"x"}}`))
}

// Through the client too, the value of the misspelled field is lost without an error.
func TestTheClientLosesAMisspelledField(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_EXPORTED_AT", Type: "datetime"})
	p.Seed("crm.deal", b24.Params{"TITLE": "a"})
	c := clientOf(t, p)
	_, err := c.CallMethod(t.Context(), "crm.deal.update", b24.Params{"id": 1, "fields": b24.Params{"UF_CRM_EXPORTD_AT": "2026-02-02"}})
	require.NoError(t, err)
	text, err := json.Marshal(p.Rows("crm.deal"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "EXPORT")
}

// clientOf returns a client of a portal that has its host to itself.
func clientOf(t *testing.T, p *b24test.Portal) *b24.Hook {
	t.Helper()
	c, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()))
	require.NoError(t, err)
	return c
}

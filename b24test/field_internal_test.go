package b24test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every entity that the portal has is documented, with each field that its family speaks of.
func TestEveryFamilyHasDocumentedFields(t *testing.T) {
	t.Parallel()
	for _, f := range families() {
		names := documentedFields(f.entity)
		if f.entity == "crm.address" || f.id == "" {
			assert.NotEmpty(t, names, f.entity)
		} else {
			assert.Contains(t, names, f.id, f.entity)
		}
		spoken := slices.Concat(f.selects, f.filterable, f.selectNeed, f.orderable, f.ignored, f.bare)
		for _, need := range f.needs {
			spoken = append(spoken, strings.TrimPrefix(need, "="))
		}
		if f.entity != "disk.storage" { // storages have less than what is in them
			spoken = append(spoken, f.fields...)
		}
		assert.Subset(t, names, spoken, f.entity)
		unique := slices.Compact(slices.Sorted(slices.Values(names)))
		assert.Len(t, unique, len(names), "%s has a field twice", f.entity)
	}
	assert.Nil(t, documentedFields("crm.nothing"))
}

// What the documentation says of fields is known.
func TestDocumentedFieldsAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	seen := 0
	for method, names := range documentedNames(t) {
		entity, _, _ := strings.Cut(method, ".fields")
		known := documentedFields(entity)
		if known == nil {
			continue
		}
		seen++
		names = slices.DeleteFunc(names, func(name string) bool {
			return strings.HasPrefix(name, "UF_") || strings.HasPrefix(name, "PARENT_ID_")
		})
		assert.Subset(t, known, names, method)
	}
	assert.Positive(t, seen)
}

// What examples of lists filter and order by is known. The rest are no fields: they limit the list in another way, or name custom fields.
func TestDocumentedFiltersNameKnownFields(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../internal/cmd/listmethods/testdata/corpus/list_methods.json")
	require.NoError(t, err)
	var methods []struct {
		Method  string   `json:"method"`
		Version string   `json:"version"`
		Filter  []string `json:"filterFieldsSeen"`
		Order   []string `json:"orderFieldsSeen"`
	}
	require.NoError(t, json.Unmarshal(data, &methods))
	noFields := strings.Fields(`crm.contact.list:IMPORT tasks.task.list:SUBFILTER-PARAMS landing.site.getfolders:PARENT_ID
		sale.payment.list:personTypeId sale.payment.list:payed`) //nolint:misspell // the documentation has it so
	seen := 0
	for _, m := range methods {
		method := strings.ToLower(m.Method)
		known := documentedFields(method[:strings.LastIndexByte(method, '.')])
		if known == nil || m.Version != "v2" {
			continue
		}
		seen++
		for _, name := range slices.Concat(m.Filter, m.Order) {
			other := func(field string) bool { return strings.EqualFold(field, name) || field == toCamel(name) }
			assert.True(t, slices.Contains(noFields, method+":"+name) || slices.ContainsFunc(known, other), "%s: %s", m.Method, name)
		}
	}
	assert.Greater(t, seen, 40)
}

// documentedNames are the names in the documentation's answers of *.fields, by method.
func documentedNames(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open("../testdata/responses.jsonl")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	found := map[string][]string{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var line struct {
			Method   string `json:"method"`
			Kind     string `json:"kind"`
			Response string `json:"response_raw"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
		if line.Kind != "success" || !strings.HasSuffix(line.Method, ".fields") {
			continue
		}
		var body struct {
			Result map[string]json.RawMessage `json:"result"`
		}
		require.NoError(t, json.Unmarshal([]byte(line.Response), &body), line.Method)
		for name := range body.Result {
			if name != "fields" { // controllers have one more level
				found[line.Method] = append(found[line.Method], name)
			}
		}
	}
	require.NoError(t, lines.Err())
	return found
}

func TestFieldTraits(t *testing.T) {
	t.Parallel()
	deal := fieldTraits("crm.deal")
	assert.Equal(t, trait{whole: true, readOnly: true}, deal["ID"])
	assert.Equal(t, trait{whole: true, addOnly: true}, deal["CATEGORY_ID"])
	assert.Equal(t, trait{fraction: true}, deal["OPPORTUNITY"])
	assert.Equal(t, trait{flag: true}, deal["OPENED"])
	assert.Equal(t, trait{lasting: true}, deal["TITLE"])
	assert.Equal(t, trait{}, deal["COMMENTS"])
	assert.Equal(t, fieldTraits("crm.productrow"), fieldTraits("crm.lead.productrows"))
}

package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// The older lists of the CRM know other operators than an ORM: a strange one becomes a part of the
// name, and the condition is dropped.
func TestOperatorsOfTheClassicCRM(t *testing.T) {
	t.Parallel()
	const none, broken = "1 2 3 4", "error ERROR_CORE"
	for entity, names := range map[string][2]string{
		"crm.deal": {"TITLE", "OPPORTUNITY"}, "crm.lead": {"TITLE", "OPPORTUNITY"}, "crm.quote": {"TITLE", "OPPORTUNITY"},
		"crm.company": {"TITLE", "REVENUE"}, "crm.contact": {"NAME", "FACE_ID"}, "crm.activity": {"SUBJECT", "STATUS"},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		text, number := names[0], names[1]
		p.Seed(entity, b24.Params{text: "Red car", number: 5}, b24.Params{text: "blue CAR", number: 7}, b24.Params{text: "", number: 0}, b24.Params{})
		for filter, want := range map[string]string{
			`"><` + number + `":[5,7]`:        none,
			`"!><` + number + `":[5,7]`:       none,
			`"==` + text + `":"Red car"`:      none,
			`"!==` + text + `":"Red car"`:     none,
			`"=>` + number + `":5`:            none,
			`"<>` + number + `":5`:            none,
			`">=` + number + `":7`:            "2",
			`"+>` + number + `":5`:            "2 3 4",
			`"+` + number + `":5`:             "1 3 4",
			`"!+>` + number + `":5`:           "1",
			`"!+` + number + `":5`:            "2",
			`"+=` + text + `":"red car"`:      "1 3 4",
			`"!+` + text + `":"red car"`:      "2",
			`"+%` + text + `":"red"`:          "1 3 4",
			`"*%` + text + `":"car, blue"`:    "2",
			`"*%` + text + `":["red","blue"]`: "1 2",
			`"*%` + text + `":"-"`:            none,
			`"!*%` + text + `":"red"`:         none,
			`"+*%` + text + `":"red"`:         "3 4",
			`"*` + text + `":"red"`:           broken,
			`"*=` + text + `":"red"`:          broken,
			`"*%` + number + `":5`:            broken,
			`"+@` + number + `":[5]`:          "1 3 4",
		} {
			assert.Equal(t, want, listed(t, p, entity+".list", `{"order":{"ID":"ASC"},"filter":{`+filter+`}}`), "%s %s", entity, filter)
		}
	}
}

// Through the client a dropped condition is as silent.
func TestADroppedConditionThroughTheClient(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"OPPORTUNITY": 5}, b24.Params{"OPPORTUNITY": 9})
	r, err := clientOf(t, p).CallMethod(t.Context(), "crm.deal.list", b24.Params{"filter": b24.Params{"+>OPPORTUNITY": 5}})
	require.NoError(t, err)
	var rows []b24.Params
	require.NoError(t, r.Decode(&rows))
	assert.Len(t, rows, 1)
}

package b24test_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

// listedV3 are the ids that a filter of goods lets pass.
func listedV3(t *testing.T, p *b24test.Portal, filterJSON string) string {
	t.Helper()
	a := callV3(t, p, "shop.good.list", `{"select":["id"],"filter":`+filterJSON+`}`)
	require.Empty(t, codeOf(t, a), "%s: %s", filterJSON, a.Body)
	return strings.Join(a.ids(t, "id", "result", "items"), " ")
}

// What the package filter builds is understood, and finds what it says.
func TestBuiltFilters(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 9) // prices 1.5 2.5 - 4.5 5.5 - 7.5 8.5 -
	moscow := time.FixedZone("", 3*60*60)
	for _, c := range []struct {
		node filter.Node
		want string
	}{
		{filter.Node{}, "1 2 3 4 5 6 7 8 9"},
		{filter.Eq("id", 3), "3"},
		{filter.Eq("id", b24.ID("3")), "3"},
		{filter.Ne("id", 3), "1 2 4 5 6 7 8 9"},
		{filter.Gt("id", 7), "8 9"},
		{filter.Ge("id", 7), "7 8 9"},
		{filter.Lt("id", 3), "1 2"},
		{filter.Le("id", 3), "1 2 3"},
		{filter.And(filter.Gt("id", 2), filter.Lt("id", 5), filter.Ne("id", 3)), "4"},
		{filter.And(filter.Ge("id", 5), filter.Le("id", 2)), ""},
		{filter.In("id", 1, 5, 77), "1 5"},
		{filter.Between("id", 2, 4), "2 3 4"},
		{filter.Between("id", 4, 2), ""},
		{filter.Between("id", 0, 2), "1 2"},
		{filter.Between("price", 2.5, 5.5), "2 4 5"},
		{filter.Gt("price", 7.0), "7 8"},
		{filter.Eq("inStock", true), "1 3 5 7 9"},
		{filter.Eq("inStock", b24.Bool(false)), "2 4 6 8"},
		{filter.Eq("name", "GOOD 02"), "2"},
		{filter.Gt("made", time.Date(2026, 3, 8, 9, 59, 59, 0, moscow)), "8 9"},
		{filter.Between("made", time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), time.Date(2026, 3, 3, 7, 0, 0, 0, time.UTC)), "2 3"},
		{filter.Le("day", b24.Date{Year: 2026, Month: 3, Day: 2}), "1 2"},
		{filter.Or(filter.Eq("id", 1), filter.Gt("id", 8)), "1 9"},
		{filter.Not(filter.Or(filter.Eq("id", 1), filter.Gt("id", 3))), "2 3"},
		{filter.Not(filter.Gt("price", 2.0)), "1"}, // a row without a price is neither
		{filter.Ne("price", 1.5), "2 4 5 7 8"},
		{filter.Not(filter.In("id", 1, 2, 3, 4, 5, 6, 7)), "8 9"},
		{filter.Not(filter.Not(filter.Eq("id", 4))), "4"},
		{filter.Not(filter.Gt("id", 3)), "1 2 3"},
		{filter.Not(filter.Eq("id", filter.Column("price"))), "1 2 4 5 7 8"},
		{filter.Or(filter.Gt("price", 8.0), filter.And(filter.Eq("id", 3), filter.Not(filter.Eq("id", 4)))), "3 8"},
		{filter.Eq("id", filter.Column("groupId")), "1 2"},
		{filter.Length("name").Gt(6), "1 2 3 4 5 6 7 8 9"},
		{filter.Length("name").Ne(7), ""},
		{filter.Column("groupId").Eq(1), "1 3 5 7 9"},
	} {
		p.V3().Seed("shop.good", b24.Params{"id": 1, "name": "good 01", "price": 1.5, "inStock": true, "groupId": 1, "made": "2026-03-01T10:00:00+03:00", "day": "2026-03-01", "parent": 5})
		require.NoError(t, c.node.Err())
		assert.Equal(t, c.want, listedV3(t, p, c.node.String()), c.node)
	}
}

func TestFiltersV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 4)
	for text, want := range map[string]string{
		`null`:                        "1 2 3 4",
		`{}`:                          "1 2 3 4",
		`["id",2]`:                    "2",
		`["id",[2,4]]`:                "2 4",
		`[["id",[2,4]],["id",">",3]]`: "4",
		`[[["id",2]]]`:                "2",
		`{"conditions":[["id",1]]}`:   "1",
		`{"logic":"or","conditions":[["id",1],["id",2]]}`:                                                      "1 2",
		`{"type":"filter","logic":"and","negative":false,"conditions":[]}`:                                     "1 2 3 4",
		`[{"logic":"or","conditions":[["id",1],["id",2]]},["id",">",1]]`:                                       "2",
		`{"logic":"or","conditions":[{"type":"filter","negative":true,"conditions":[["id","<",4]]},["id",1]]}`: "1 4",
		`{"logic":"or","conditions":[[],["id",1]]}`:                                                            "1",
	} {
		assert.Equal(t, want, listedV3(t, p, text), text)
	}
}

func TestRefusedFiltersV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 4)
	const invalid, wrongType = "INVALIDFILTEREXCEPTION", "VALIDATION_REQUESTVALIDATIONEXCEPTION"
	for text, want := range map[string]string{
		`"id"`:                         invalid,
		`{">id":1}`:                    invalid,
		`{">id":1,"<id":4}`:            invalid,
		`["id"]`:                       invalid,
		`["id","=",1,2]`:               invalid,
		`["id","=",[1]]`:               invalid,
		`["id",">",[1]]`:               invalid,
		`["id","in",1]`:                invalid,
		`["id","in",[]]`:               "INTERNAL_INTERNALEXCEPTION", // SQL that the database refuses
		`["id","in",[2,null]]`:         wrongType,
		`["id","in",[[1]]]`:            invalid,
		`["id","between",1]`:           invalid,
		`["id","between",[1]]`:         invalid,
		`["id","between",[1,2,3]]`:     invalid,
		`["id","between",[0,3]]`:       invalid,
		`["name","between",["a","b"]]`: invalid,
		`["id","in",{"expression":"column","parameters":"groupId"}]`: invalid,
		`[{"expression":"sum","parameters":"id"},"=",1]`:             invalid,
		`{"logic":"xor","conditions":[["id",1]]}`:                    invalid,
		`{"logic":"AND","conditions":[["id",1]]}`:                    invalid,
		`{"negative":1,"conditions":[["id",1]]}`:                     invalid,
		`{"negative":"Y","conditions":[["id",1]]}`:                   invalid,
		`{"logic":"or"}`:     invalid,
		`{"conditions":"x"}`: invalid,
		`{"conditions":[{"logic":"or","conditions":[["id",1]]}]}`:                 invalid,
		`{"conditions":[{"type":"group","conditions":[["id",1]]}]}`:               invalid,
		`{"conditions":[{"type":"condition","leftOperand":"id","operator":"="}]}`: "INTERNAL_INTERNALEXCEPTION",
		`{"conditions":["id"]}`: "INTERNAL_INTERNALEXCEPTION",
		`[["id",1],"id"]`:       "INTERNAL_INTERNALEXCEPTION",
		`["id",1,2]`:            "INTERNAL_INTERNALEXCEPTION",
		`["id","like","x"]`:     "UNKNOWNFILTEROPERATOREXCEPTION",
		`["id","IN",[1]]`:       "UNKNOWNFILTEROPERATOREXCEPTION",
		`["ID","=",1]`:          "UNKNOWNDTOPROPERTYEXCEPTION",
		`["id","=",{"expression":"column","parameters":"none"}]`: "UNKNOWNDTOPROPERTYEXCEPTION",
		`["id","=","1"]`:                             wrongType,
		`["id","=",1.5]`:                             wrongType,
		`["id","=",null]`:                            wrongType,
		`["id","in",["1"]]`:                          wrongType,
		`["id","between",["1","2"]]`:                 wrongType,
		`["price","=",1]`:                            wrongType,
		`["name","=",1]`:                             wrongType,
		`["inStock","=","Y"]`:                        wrongType,
		`["made",">","2026-03-01"]`:                  wrongType,
		`["made",">","2026-03-01T10:00:00.5+03:00"]`: wrongType,
		`["made",">","2026-03-01T10:00:00Z"]`:        wrongType,
		`["made",">","2026-03-01 10:00:00"]`:         wrongType,
		`["day",">","2026-03-01T10:00:00+03:00"]`:    wrongType,
		`["day",">","2026-3-1"]`:                     wrongType,
	} {
		a := callV3(t, p, "shop.good.list", `{"filter":`+text+`}`)
		assert.Equal(t, want, codeOf(t, a), "%s: %s", text, a.Body)
		a = callV3(t, p, "shop.good.tail", `{"filter":`+text+`}`)
		assert.NotEmpty(t, codeOf(t, a), text)
	}
}

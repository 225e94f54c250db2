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

func TestBatchV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 3)
	p.V3().Handle("null", func(b24test.Request) (any, error) { return nil, nil })
	p.V3().Handle("echo", func(req b24test.Request) (any, error) { return req.Params, nil })
	p.V3().Handle("raw", func(b24test.Request) (any, error) {
		return b24test.Raw{Body: `{"result":{"item":{"n":5}},"time":{}}`}, nil
	})
	for body, want := range map[string]string{
		`[]`:                             `[]`,
		`[{"method":"null","query":{}}]`: `[null]`,
		`[{"method":"shop.good.get","query":{"id":2,"select":["name"]},"as":"g","parallel":true},{"method":"shop.good.list","query":{"select":["id"]}}]`:                                                    `[{"item":{"name":"good 02"}},{"items":[{"id":1},{"id":2},{"id":3}]}]`,
		`[{"method":"shop.good.get","query":{"id":2},"as":"g"},{"method":"echo","query":{"a":[{"$ref":"g.name"}],"b":{"c":{"$ref":"g"}},"d":{"$ref":"g.tags.0"}}}]`:                                         `[{"item":` + good2 + `},{"a":["good 02"],"b":{"c":` + good2 + `},"d":"a"}]`,
		`[{"method":"shop.good.list","query":{"select":["id"]}},{"method":"echo","query":{"one":{"$ref":"0.1.id"},"all":{"$refArray":"0.id"}}}]`:                                                            `[{"items":[{"id":1},{"id":2},{"id":3}]},{"one":2,"all":[1,2,3]}]`,
		`[{"method":"shop.good.list","query":{"select":["id"]},"as":"l"},{"method":"shop.good.list","query":{"select":["name"],"filter":[["id","in",{"$refArray":"l.id"}],["id",">",{"$ref":"l.1.id"}]]}}]`: `[{"items":[{"id":1},{"id":2},{"id":3}]},{"items":[{"name":"good 03"}]}]`,
		`[{"method":"raw","query":{},"as":"r"},{"method":"echo","query":{"$ref":"r"}}]`:                                                                                                                     `[{"item":{"n":5}},{"n":5}]`,
		`[{"method":"raw","query":[]},{"method":"echo","query":{"x":{"$ref":"0"},"y":"$ref","z":{"$ref":null}}}]`:                                                                                           `[{"item":{"n":5}},{"x":{"n":5},"y":"$ref","z":{"$ref":null}}]`,
	} {
		a := callV3(t, p, "batch", body)
		require.Equal(t, http.StatusOK, a.Status, "%s: %s", body, a.Body)
		assert.JSONEq(t, want, resultText(t, a), body)
		assert.True(t, a.has(t, "time"))
	}
	assert.Equal(t, 8, p.Executed("batch"))
	assert.Zero(t, p.Calls("echo"), "a batch is one request")
}

const good2 = `{"id":2,"name":"good 02","price":2.5,"inStock":false,"made":"2026-03-02T10:00:00+03:00","day":"2026-03-02","tags":["a"],"groupId":2}`

// A fault by the name of a method meets the method in a batch, too, and is the answer of the whole
// batch: the commands before it ran, the others did not.
func TestFaultOfACommandV3(t *testing.T) {
	t.Parallel()
	const body = `[{"method":"shop.good.delete","query":{"id":1}},{"method":"shop.good.get","query":{"id":2}},{"method":"shop.good.delete","query":{"id":3}}]`
	for name, c := range map[string]struct {
		fault b24test.Fault
		left  int
		check func(t *testing.T, a answer)
	}{
		"refused": {b24test.RefuseV3(&b24.Error{Code: "ACCESSDENIEDEXCEPTION"}), 2, func(t *testing.T, a answer) {
			t.Helper()
			assert.Contains(t, a.Body, "ACCESSDENIEDEXCEPTION")
		}},
		"a page": {b24test.HTML(http.StatusBadGateway), 2, func(t *testing.T, a answer) {
			t.Helper()
			assert.Equal(t, http.StatusBadGateway, a.Status)
		}},
		"a header": {b24test.Pass().Header("X-Seen", "yes"), 1, func(t *testing.T, a answer) {
			t.Helper()
			assert.Equal(t, http.StatusOK, a.Status)
			assert.Equal(t, "yes", a.Header.Get("X-Seen"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := goodsV3(t, 3)
			p.Fault("shop.good.get", c.fault)
			c.check(t, callV3(t, p, "batch", body))
			assert.Len(t, p.V3().Rows("shop.good"), c.left)
		})
	}
}

func TestRefusedBatchV3(t *testing.T) {
	t.Parallel()
	const list = `[{"method":"shop.good.list","query":{},"as":"l"},{"method":"echo","query":{"x":`
	const empty = `[{"method":"shop.good.list","query":{"filter":["id",99]},"as":"l"},{"method":"echo","query":{"x":`
	const invalid = "INVALIDSELECTEXCEPTION"
	for body, want := range map[string]string{
		`{"cmd":[{"method":"echo","query":{}}],"halt":1}`: invalid,
		`{"0":{"method":"echo","query":{}},"auth":"x"}`:   invalid,
		`["echo"]`:                         invalid,
		`[{"method":"echo"}]`:              invalid,
		`[{"method":"echo","query":null}]`: invalid,
		`[{"query":{}}]`:                   invalid,
		`[{"method":"echo","query":{},"as":"a"},{"method":"echo","query":{},"as":"a"}]`: invalid,
		`[{"method":"echo","query":5}]`:   "INTERNAL_INTERNALEXCEPTION",
		`[{"method":"batch","query":[]}]`: "INTERNAL_INTERNALEXCEPTION",
		`[{"method":"shop.good.add","query":{"fields":{}}},{"method":"none","query":{}}]`: "METHODNOTFOUNDEXCEPTION",
		list + `{"$ref":"l.9.id"}}}]`:          invalid,
		list + `{"$ref":"l.0.id.x"}}}]`:        invalid,
		list + `{"$ref":"l.0.none"}}}]`:        invalid,
		list + `{"$ref":"l.2.price"}}}]`:       invalid, // null
		list + `{"$ref":""}}}]`:                invalid,
		list + `{"$ref":"l.items.0.id"}}}]`:    invalid, // what stands in items is the result itself
		list + `{"$ref":5}}}]`:                 "INTERNAL_INTERNALEXCEPTION",
		list + `{"$refArray":"l"}}}]`:          invalid,
		list + `{"$refArray":5}}}]`:            invalid,
		list + `{"$refArray":"l.price"}}}]`:    invalid,
		list + `{"$refArray":"l.0.name.x"}}}]`: invalid,
		list + `{"$refArray":"l.0.id"}}}]`:     invalid,
		empty + `{"$refArray":"l.id"}}}]`:      invalid, // an empty list is not there
		`[{"method":"shop.good.add","query":{"fields":{}},"as":"a"},{"method":"echo","query":{"x":{"$ref":"a.id"}}}]`: invalid,
	} {
		p := goodsV3(t, 3)
		p.V3().Handle("echo", func(req b24test.Request) (any, error) { return req.Params, nil })
		a := callV3(t, p, "batch", body)
		assert.Equal(t, want, codeOf(t, a), "%s: %s", body, a.Body)
	}
}

// The first failure is the whole answer; what was done before it stays done and is not told.
func TestFailingBatchV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 1)
	p.V3().Handle("fail", func(b24test.Request) (any, error) {
		return nil, &b24.Error{Code: "1048582", Description: "no", Status: 403}
	})

	a := callV3(t, p, "batch", `[{"method":"shop.good.add","query":{"fields":{"name":"a"}}},{"method":"fail","query":{"x":1}},{"method":"shop.good.add","query":{"fields":{}}}]`)

	assert.Equal(t, http.StatusForbidden, a.Status)
	assert.JSONEq(t, `{"error":{"code":1048582,"message":"no"}}`, a.Body)
	assert.Len(t, p.V3().Rows("shop.good"), 2)
	assert.Equal(t, 1, p.Executed("batch"))
	commands := p.V3().Commands()
	require.Len(t, commands, 2, "the third did not run")
	assert.Equal(t, "shop.good.add", commands[0].Method)
	assert.Equal(t, map[string]any{"x": json.Number("1")}, commands[1].Params)
	assert.JSONEq(t, `{"x":1}`, string(commands[1].RawBody))

	// The name of a method that does not exist is seen before anything runs.
	a = callV3(t, p, "batch", `[{"method":"shop.good.add","query":{"fields":{}}},{"method":"none","query":{}}]`)
	assert.Equal(t, http.StatusNotFound, a.Status)
	assert.Len(t, p.V3().Rows("shop.good"), 2)
}

func TestBatchCostV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 10, b24test.WithOperatingLimit(480e9), b24test.WithOperatingCost(b24test.CostModel{PerRow: 1e9}, "shop.good.list"))
	a := callV3(t, p, "batch", `[{"method":"shop.good.list","query":{}},{"method":"shop.good.list","query":{"pagination":{"limit":5}}}]`)
	assert.Equal(t, json.Number("15"), a.field(t, "time", "operating"))
}

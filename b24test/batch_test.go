package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// section is a section of a batch's answer as it came, byte for byte.
func (a answer) section(t *testing.T, name string) string {
	t.Helper()
	var env struct {
		Result map[string]json.RawMessage `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &env), a.Body)
	require.Contains(t, env.Result, name, a.Body)
	return string(env.Result[name])
}

// sections are the sections of results and errors.
func (a answer) sections(t *testing.T) []string {
	t.Helper()
	return []string{a.section(t, "result"), a.section(t, "result_error")}
}

// batching makes a portal with methods to put into batches: echo tells its parameters, one tells 1, null tells null, fails fails with the code X.
func batching(t *testing.T, opts ...b24test.Option) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, append([]b24test.Option{b24test.WithMemory()}, opts...)...)
	p.Handle("echo", func(req b24test.Request) (any, error) { return req.Params, nil })
	p.Handle("one", func(b24test.Request) (any, error) { return 1, nil })
	p.Handle("null", func(b24test.Request) (any, error) { return nil, nil })
	p.Handle("fails", func(b24test.Request) (any, error) { return nil, &b24.Error{Code: "X", Description: "x"} })
	p.Handle("Odd.Name", func(b24test.Request) (any, error) { return "odd", nil })
	p.Handle("page", func(b24test.Request) (any, error) {
		return b24test.Result{Value: []int{7}, Total: new(120), Next: new(50)}, nil
	})
	return p
}

const (
	xRow       = `{"error":"X","error_description":"x"}`
	unknownRow = `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`
	nestedRow  = `{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"}`
	tooManyRow = `{"error":"ERROR_BATCH_LENGTH_EXCEEDED","error_description":"Max batch length exceeded"}`
	blockedRow = `{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}`
)

func TestBatchSections(t *testing.T) {
	t.Parallel()
	p := batching(t)
	for _, tt := range []struct{ name, body, result, errors string }{
		{"nothing", `{}`, `[]`, `[]`},
		{"cmd is a text", `{"cmd":"one"}`, `[]`, `[]`},
		{"list", `{"cmd":["one","null"]}`, `[1,null]`, `[]`},
		{"named", `{"cmd":{"b":"one","a":"echo"}}`, `{"b":1,"a":[]}`, `[]`},
		{"letter case of cmd and halt", `{"CMD":["one","fails","one"],"Halt":1}`, `[1]`, `{"1":` + xRow + `}`},
		{"the first of three fails", `{"cmd":["fails","one","one"]}`, `{"1":1,"2":1}`, `[` + xRow + `]`},
		{"the second of three fails", `{"cmd":["one","fails","one"]}`, `{"0":1,"2":1}`, `{"1":` + xRow + `}`},
		{"all fail", `{"cmd":["fails","fails"]}`, `[]`, `[` + xRow + `,` + xRow + `]`},
		{"numeric names", `{"cmd":{"0":"one","1":"one"}}`, `[1,1]`, `[]`},
		{"numeric names out of order", `{"cmd":{"1":"one","0":"null"}}`, `{"1":1,"0":null}`, `[]`},
		{"the order of a Go map", `{"cmd":{"0":"one","10":"one","2":"one","1":"null"}}`, `{"0":1,"10":1,"2":1,"1":null}`, `[]`},
		{"halt is false", `{"cmd":["fails","one"],"halt":false}`, `{"1":1}`, `[` + xRow + `]`},
		{"halt is 0 as text", `{"cmd":["fails","one"],"halt":"0"}`, `{"1":1}`, `[` + xRow + `]`},
		{"halt is N", `{"cmd":["fails","one"],"halt":"N"}`, `[]`, `[` + xRow + `]`}, // trap 5
		{"halt is the text false", `{"cmd":["fails","one"],"halt":"false"}`, `[]`, `[` + xRow + `]`},
		{"no text", `{"cmd":[{"method":"one"},"one",["one"],7,null]}`, `{"1":1}`, `[]`}, // trap 14
		{"unknown", `{"cmd":["nope?a=1","","?a=1"]}`, `[]`, `[` + unknownRow + `,` + unknownRow + `,` + unknownRow + `]`},
		{"letter case of a method", `{"cmd":["ONE","Odd.Name"]}`, `[1,"odd"]`, `[]`},
		{"no suffix", `{"cmd":["one.json","Odd.name"]}`, `[]`, `[` + unknownRow + `,` + unknownRow + `]`},
		{"forbidden", `{"cmd":["batch?cmd[]=one","upload","download"]}`, `[]`, `[` + nestedRow + `,` + nestedRow + `,` + nestedRow + `]`},
		{"a signed link", `{"cmd":["one?token=1"]}`, `[]`, `[{"error":"ACCESS_DENIED","error_description":"Access denied! Link check failed"}]`},
		{"scheme and host", `{"cmd":["a:one","//one?x=1"]}`, `[]`, `[` + unknownRow + `,` + unknownRow + `]`},
	} {
		a := call(t, p, "batch", tt.body)
		assert.Equal(t, http.StatusOK, a.Status, tt.name)
		assert.Equal(t, []string{tt.result, tt.errors}, a.sections(t), tt.name)
		assert.True(t, a.has(t, "time"), tt.name)
	}
	for _, section := range []string{"result", "result_error", "result_total", "result_next", "result_time"} {
		assert.Equal(t, "[]", call(t, p, "batch", `{}`).section(t, section))
	}
}

func TestBatchByForm(t *testing.T) {
	t.Parallel()
	p := batching(t)
	a, err := send(t, p.HTTPClient(), wire{
		http.MethodPost, p.WebhookURL() + "batch.json?halt=1",
		"application/x-www-form-urlencoded", "cmd[x]=echo%3Fa%3D1%2526&cmd[y]=fails&cmd[z]=one",
	})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"x":{"a":"1\u0026"}}`, `{"y":` + xRow + `}`}, a.sections(t))
}

func TestBatchCarriesTotalNextAndTime(t *testing.T) {
	t.Parallel()
	p := batching(t)
	a := call(t, p, "batch", `{"cmd":["one","page","fails","page"]}`)
	assert.Equal(t, `{"1":120,"3":120}`, a.section(t, "result_total"))
	assert.Equal(t, `{"1":50,"3":50}`, a.section(t, "result_next"))
	times, ok := a.field(t, "result", "result_time").(map[string]any)
	require.True(t, ok)
	assert.Len(t, times, 3, "an error has no time")
	assert.Contains(t, times["3"], "operating_reset_at")
	assert.False(t, a.has(t, "total"))
	assert.False(t, a.has(t, "next"))
}

func TestBatchNeedsCredentials(t *testing.T) {
	t.Parallel()
	p := batching(t)
	for path, code := range map[string]string{"/rest/1/wrong/batch": "INVALID_CREDENTIALS", "/rest/batch": "NO_AUTH_FOUND"} {
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, "http://x" + path, "application/json", `{"cmd":["one"]}`})
		require.NoError(t, err)
		assert.Equal(t, http.StatusUnauthorized, a.Status)
		assert.Equal(t, code, a.field(t, "error"))
	}
	assert.Zero(t, p.Executed("one"))
	assert.Zero(t, p.Executed("batch"))
}

func TestBatchCommandParameters(t *testing.T) {
	t.Parallel()
	p := batching(t)
	for _, tt := range []struct {
		name, cmd string
		want      map[string]any
	}{
		{"all is text", "echo?i=1&b=true&n=&f=1.50", map[string]any{"i": "1", "b": "true", "n": "", "f": "1.50"}},
		{"nested", "echo?f[A][]=x&f[A][]=y&f[B][c%20d]=z", map[string]any{"f": map[string]any{"A": []any{"x", "y"}, "B": map[string]any{"c d": "z"}}}},
		{"encoded brackets", "echo?f%5BA%5D=x", map[string]any{"f": map[string]any{"A": "x"}}},
		{"empty list", "echo?a[]=&b=", map[string]any{"a": []any{""}, "b": ""}}, // trap 47
		{"dots and spaces at the top", "echo?a.b+c=1&f[a.b]=2", map[string]any{"a_b_c": "1", "f": map[string]any{"a.b": "2"}}},
		{"the last of two", "echo?a=1&a=2", map[string]any{"a": "2"}},
		{"the hash cuts", "echo?a=x%23y&b=1#c&d=2", map[string]any{"a": "x#y", "b": "1"}}, // trap 18
		{"the hash cuts before the question mark", "echo#x?a=1", map[string]any{}},
		{"a second question mark", "echo?a=b?c", map[string]any{"a": "b?c"}},
		{"a colon in a value", "echo?a=https://x/y", map[string]any{"a": "https://x/y"}},
		{"escapes", "echo?a=%D1%8F+%26%3D%2B%25", map[string]any{"a": "я &=+%"}},
		{"control characters", "echo?a=1\n2&b=%0A", map[string]any{"a": "1_2", "b": "\n"}},
		{"credentials", "echo?auth=x&access_token=y&sessid=z&a=1", map[string]any{"a": "1"}},
		{"start", "echo?start=50&a=1", map[string]any{"a": "1"}},
	} {
		body, err := json.Marshal(map[string]any{"cmd": []string{tt.cmd}})
		require.NoError(t, err)
		a := call(t, p, "batch", string(body))
		require.Equal(t, "[]", a.section(t, "result_error"), tt.name)
		assert.Equal(t, tt.want, seen(t, p).Params, tt.name)
	}
	start, ok := seen(t, p).Start()
	assert.True(t, ok)
	assert.Equal(t, 50, start)
}

// Trap 17.
func TestBatchCommandLosesVariablesAfterTheThousandth(t *testing.T) {
	t.Parallel()
	p := batching(t)
	cmd := "echo?" + strings.Repeat("a[]=1&", 1000) + "b=2"
	call(t, p, "batch", fmt.Sprintf(`{"cmd":[%q,"echo?b=2"]}`, cmd))
	all := p.Requests()
	require.Len(t, all, 3)
	assert.Len(t, all[1].Params["a"], 1000)
	assert.NotContains(t, all[1].Params, "b")
	assert.Equal(t, map[string]any{"b": "2"}, all[2].Params, "the limit is that of one command")
}

func TestBatchPositionalMethods(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Handle("task.item.list", func(req b24test.Request) (any, error) { return req.Args, nil })
	a := call(t, p, "batch", `{"cmd":["task.item.list?0[ID]=asc&1[]=&2=x","task.item.list?a=1"]}`)
	assert.Equal(t, `[[{"ID":"asc"},[""],"x"]]`, a.section(t, "result"))
	assert.Contains(t, a.section(t, "result_error"), "WRONG_ARGUMENTS")
}

// Trap 16.
func TestBatchOfMoreThanFifty(t *testing.T) {
	t.Parallel()
	p := batching(t)
	cmds := func(first string, n int) string {
		list := append([]string{first}, strings.Split(strings.Repeat("one ", n-1), " ")[:n-1]...)
		body, err := json.Marshal(list)
		require.NoError(t, err)
		return string(body)
	}
	a := call(t, p, "batch", `{"cmd":`+cmds("one", 52)+`}`)
	assert.Equal(t, http.StatusOK, a.Status)
	assert.JSONEq(t, `{"50":`+tooManyRow+`,"51":`+tooManyRow+`}`, a.section(t, "result_error"))
	assert.Equal(t, []int{50, 50}, []int{p.Calls("one"), p.Executed("one")})

	a = call(t, p, "batch", `{"halt":1,"cmd":`+cmds("one", 52)+`}`)
	assert.JSONEq(t, `{"50":`+tooManyRow+`}`, a.section(t, "result_error"))

	var list []any
	require.NoError(t, json.Unmarshal([]byte(cmds("one", 52)), &list))
	list[0], list[51] = map[string]any{"method": "one"}, 7
	body, err := json.Marshal(map[string]any{"cmd": list})
	require.NoError(t, err)
	a = call(t, p, "batch", string(body)) // what is no text counts all the same
	assert.JSONEq(t, `{"50":`+tooManyRow+`,"51":`+tooManyRow+`}`, a.section(t, "result_error"))
}

// substituting makes a portal whose commands give what the test vectors of docs/protocol.md 4.6 start from.
func substituting(t *testing.T) (p *b24test.Portal, context string) {
	t.Helper()
	p = batching(t)
	p.Handle("u", func(b24test.Request) (any, error) { return json.RawMessage(`{"ID":"7","DEP":[3,5],"Z":null}`), nil })
	p.Handle("n", func(b24test.Request) (any, error) { return 42, nil })
	p.Handle("list", func(b24test.Request) (any, error) {
		return b24test.Result{Value: json.RawMessage(`[{"ID":"10"},{"ID":"11"}]`), Total: new(120), Next: new(50)}, nil
	})
	return p, `"u":"u","n":"n","list":"list","bad":"fails","yes":"yes"`
}

func TestBatchReferences(t *testing.T) {
	t.Parallel()
	const (
		u    = `{"ID":"7","DEP":[3,5],"Z":null}`
		list = `[{"ID":"10"},{"ID":"11"}]`
		all  = `{"u":` + u + `,"n":42,"list":` + list + `,"yes":true}`
	)
	p, context := substituting(t)
	p.Handle("yes", func(b24test.Request) (any, error) { return true, nil })
	for _, tt := range []struct{ value, want string }{
		{`$result[u][ID]`, `"7"`},
		{`$result[n]`, `42`},
		{`$result[n][ID]`, `42`},
		{`$result[list][1][ID]`, `"11"`},
		{`$result[list][49][ID]`, list}, // trap 11
		{`$result[nope][ID]`, all},
		{`$result[u][Z]`, u},
		{`$result[u][DEP]`, `[3,5]`},
		{`x $result[u][ID] y`, `"x 7 y"`},
		{`$result[u][ID]_x`, `"7"`}, // trap 13
		{`a-$result[u][ID]_x`, `"a-7"`},
		{`$result[u][ID],$result[n]`, `"7"`},
		{`see $result[u][DEP] now`, `"see $result[u][DEP] now"`},
		{`$total[list]`, `120`},
		{`$next[list]`, `50`},
		{`$results[n]`, `42`},
		{`$RESULT[u][ID]`, `null`},
		{`$result`, `"$result"`},
		{`$result[]`, `"$result[]"`},
		{`$other[u]`, `"$other[u]"`},
		{`is $RESULT[u][ID] it`, `"is $RESULT[u][ID] it"`},
		{`is $result[yes] it`, `"is $result[yes] it"`},
		{`$result[yes]`, `true`},
		{`$error[bad][error]`, `"X"`},
		{`$error[bad]`, xRow},
		{`$result[u][ID][0]`, `"7"`},
		{`$result[u][ID][-1]`, `"7"`},
		{`$result[u][ID][1]`, `"7"`},
		{`$result[n] $result[n]x`, `"42 42x"`},
		{`$result[n] $result[u][ID]`, `"42 7"`},
		{`$result[u][ID]` + "\t" + `$result[n]` + "\u00a0" + `z`, `"7\t42"`},
		{`[u]$result[n]`, `"[u]42"`},
	} {
		body, err := json.Marshal("echo?raw=" + strings.NewReplacer("\t", "%09").Replace(tt.value))
		require.NoError(t, err)
		a := call(t, p, "batch", `{"cmd":{`+context+`,"e":`+string(body)+`}}`)
		got, err := json.Marshal(a.field(t, "result", "result", "e", "raw"))
		require.NoError(t, err)
		assert.JSONEq(t, tt.want, string(got), tt.value)
	}
	a := call(t, p, "batch", `{"cmd":{"n":"n","e":"echo?f[a][]=$result[n]&f[%24result%5Bn%5D]=%24result%5Bn%5D&start=$result[n]"}}`)
	assert.JSONEq(t, `{"f":{"a":[42],"$result[n":42}}`, string(mustJSON(t, a.field(t, "result", "result", "e"))))
	start, _ := seen(t, p).Start()
	assert.Equal(t, 42, start)
	a = call(t, p, "batch", `{"cmd":["n","echo?x=$result[0]","echo?x=$result[2]"]}`)
	assert.Equal(t, `[42,{"x":42},{"x":[42,{"x":42}]}]`, a.section(t, "result"), "a later command is not there yet")
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return data
}

// What a row took over from the whole of the results must not hold itself.
func TestBatchReferencesAreCopies(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Define("crm.unheard")
	a := call(t, p, "batch", `{"cmd":{"a":"crm.unheard.add?fields[ANY]=$result[none]","b":"crm.unheard.get?id=$result[a]"}}`)
	assert.Equal(t, "[]", a.section(t, "result_error"))
	assert.Equal(t, []any{}, a.field(t, "result", "result", "b", "ANY"))
}

func TestBatchRunsSeededEntitiesAndReferences(t *testing.T) {
	t.Parallel()
	p := batching(t)
	a := call(t, p, "batch", `{"halt":1,"cmd":{
		"company":"crm.company.add?fields[TITLE]=Acme",
		"deal":"crm.deal.add?fields[TITLE]=x&fields[COMPANY_ID]=$result[company]",
		"got":"crm.deal.get?id=$result[deal]"}}`)
	assert.Equal(t, json.Number("1"), a.field(t, "result", "result", "deal"))
	assert.Equal(t, "1", a.field(t, "result", "result", "got", "COMPANY_ID"))
	assert.Len(t, p.Rows("crm.deal"), 1)
}

func TestBatchCommandsAreRequests(t *testing.T) {
	t.Parallel()
	p := batching(t)
	call(t, p, "batch?bx24_request_id=r1", `{"halt":true,"cmd":{"a":"ONE?x=1","b":"upload","c":"fails","d":"one"}}`)
	call(t, p, "batch", `{"cmd":["one",{"method":"one"},"nope"]}`)
	call(t, p, "one", `{}`)

	type row struct {
		method, command string
		inBatch, ran    bool
	}
	var got []row
	for _, r := range p.Requests() {
		got = append(got, row{r.Method, r.Command, r.InBatch, r.Executed})
	}
	assert.Equal(t, []row{
		{"batch", "", false, true},
		{"ONE", "a", true, true},
		{"batch", "", false, true},
		{"one", "0", true, true},
		{"nope", "2", true, false},
		{"one", "", false, true},
	}, got)
	assert.Len(t, p.HTTPRequests(), 3)
	assert.Equal(t, []int{3, 3}, []int{p.Calls("one"), p.Executed("one")})
	assert.Equal(t, []int{2, 2}, []int{p.Calls("batch"), p.Executed("batch")})
	a := p.Requests()[1]
	assert.Equal(t, "ONE?x=1", string(a.RawBody))
	assert.Equal(t, "r1", a.RequestID)
	assert.Equal(t, "1", a.User)
	assert.Equal(t, 2, a.Version)
	assert.NotNil(t, a.Context())
}

func TestBatchHandledByTheTest(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Handle("batch", func(b24test.Request) (any, error) { return "mine", nil })
	assert.Equal(t, `"mine"`, resultText(t, call(t, p, "batch", `{"cmd":["one"]}`)))
}

func TestBatchErrorTexts(t *testing.T) {
	t.Parallel()
	p := batching(t, b24test.WithErrorTexts())
	a := call(t, p, "batch", `{"cmd":["fails","crm.deal.get?id=9","one"]}`)
	assert.Equal(t, []string{`{"2":1}`, `["X","Not found"]`}, a.sections(t))
	assert.Equal(t, "[]", call(t, p, "batch", `{"halt":1,"cmd":["fails","one"]}`).section(t, "result"))
}

func TestBatchResultsThatLookLikeErrors(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Handle("soft", func(b24test.Request) (any, error) {
		return json.RawMessage(`{"error":"S","error_description":"s","more":1}`), nil
	})
	p.Handle("raw", func(b24test.Request) (any, error) {
		return b24test.Raw{Body: `{"result":{"x":1},"total":5}`}, nil
	})
	a := call(t, p, "batch", `{"cmd":["soft","raw"]}`)
	assert.JSONEq(t, `[{"error":"S","error_description":"s","more":1}]`, a.section(t, "result_error"))
	assert.JSONEq(t, `{"1":{"x":1}}`, a.section(t, "result"))
	assert.Equal(t, `{"1":5}`, a.section(t, "result_total"))
	assert.Equal(t, "[]", a.section(t, "result_time"))
}

// FuzzBatch: whatever a command holds, the batch is answered and told apart by its sections.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{"echo?a=$result[0]", "echo?a[$result[0]]=$result[0][a] $total[0]x", "one#?", "a:80?x", "//h", "echo?=$error[", "echo?a=$result[[0]&$next=\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cmd string) {
		p := batching(t)
		body, err := json.Marshal(map[string]any{"cmd": []string{"echo?a=1", cmd, cmd}})
		require.NoError(t, err)
		a := call(t, p, "batch", string(body))
		require.Equal(t, http.StatusOK, a.Status)
		a.sections(t)
		require.NotEmpty(t, p.Requests())
	})
}

package phpquery_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/codec"
	"github.com/b24go/b24/internal/phpquery"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ params, want string }{
		{`{}`, ``},
		{`[]`, ``},
		{` { "a" : [ 1 , 2 ] } `, `a[0]=1&a[1]=2`},
		{`{"ID":7}`, `ID=7`},
		{`{"z":1,"a":{"y":2,"b":3},"m":4}`, `z=1&a[y]=2&a[b]=3&m=4`}, // trap 7: the order is kept
		{`{"a":""}`, `a=`},
		{`{"n":[9007199254740993,-0,1.50,1e+21,1E-7]}`, `n[0]=9007199254740993&n[1]=-0&n[2]=1.50&n[3]=1e%2B21&n[4]=1E-7`},
		{`{"filter":{">=DATE":"2026-01-02T03:04:05+03:00","!ID":[1]}}`, `filter[%3E%3DDATE]=2026-01-02T03%3A04%3A05%2B03%3A00&filter[%21ID][0]=1`},
		{`{"t":"a&b=c+d%20e#f?g/h"}`, `t=a%26b%3Dc%2Bd%2520e%23f%3Fg%2Fh`}, // docs/protocol.md 13, trap 18
		{`{"t":"[x] {y} \"z\" 'q'"}`, `t=%5Bx%5D%20%7By%7D%20%22z%22%20%27q%27`},
		{`{"t":"\r\n\t\u0000\u007f"}`, `t=%0D%0A%09%00%7F`},
		{`{"t":"Żó\u0142 😀\ud83d\ude00\u2028"}`, `t=%C5%BB%C3%B3%C5%82%20%F0%9F%98%80%F0%9F%98%80%E2%80%A8`},
		{`{"t":"AZaz09-_.~"}`, `t=AZaz09-_.~`},
		{`{"t":"\/\u003c"}`, `t=%2F%3C`},
		{`{"f":{"a b":1,"c.d":2,"[":3,"e[f":4," g":5,"  ":6,"h ":7,"&=#":8,"\u00a0":9}}`, `f[a%20b]=1&f[c.d]=2&f[%5B]=3&f[e%5Bf]=4&f[%20g]=5&f[%20%20]=6&f[h%20]=7&f[%26%3D%23]=8&f[%C2%A0]=9`},
		{`{"a]b":{"c":1},"\t":2,"=&":3}`, `a%5Db[c]=1&%09=2&%3D%26=3`},
		{`{"__Host-a":{"b":{"__Host-":1}},"c":{"__Secure":2,"__host-":3}}`, `__Host-a[b][__Host-]=1&c[__Secure]=2&c[__host-]=3`},
		{`{"5":"a","0":{"7":"b"}}`, `5=a&0[7]=b`},
		{`[12,{"POST_MESSAGE":"x"},[3]]`, `0=12&1[POST_MESSAGE]=x&2[0]=3`}, // docs/protocol.md 2.3
		{`{"t":"$result and $results, $5[a], [$total], cost$"}`, `t=%24result%20and%20%24results%2C%20%245%5Ba%5D%2C%20%5B%24total%5D%2C%20cost%24`},
	} {
		got, err := phpquery.Encode([]byte(test.params), nil)

		require.NoError(t, err, test.params)
		assert.Equal(t, test.want, got, test.params)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		params string
		reason phpquery.Reason
		path   string
	}{
		{`{"a":null}`, phpquery.Null, `a`}, // docs/protocol.md 13, trap 47
		{`{"a":{"b":[1,{"c":null}]}}`, phpquery.Null, `a.b[1].c`},
		{`[1,null]`, phpquery.Null, `[1]`},
		{`{"a":true}`, phpquery.Bool, `a`},
		{`{"a":[1,{"b":[false]}]}`, phpquery.Bool, `a[1].b[0]`},
		{`{"fields":{"UF_X":["a","b",[]]}}`, phpquery.EmptyList, `fields.UF_X[2]`},
		{`{"a":[ ]}`, phpquery.EmptyList, `a`},
		{`[[],{"a":1}]`, phpquery.EmptyList, `[0]`},
		{`{"a":{}}`, phpquery.EmptyObject, `a`},
		{`{"z":1,"a":[[{}]]}`, phpquery.EmptyObject, `a[0][0]`},
		{`{"":1}`, phpquery.Key, `""`},
		{`{"a.b":1}`, phpquery.Key, `a.b`},
		{`{"a b":1}`, phpquery.Key, `a b`},
		{`{" a":1}`, phpquery.Key, ` a`},
		{`{"a[b":1}`, phpquery.Key, `a[b`},
		{`{"[":1}`, phpquery.Key, `[`},
		{`{"a\u0000":1}`, phpquery.Key, `"a\x00"`},
		{`{"a":{"":1}}`, phpquery.Key, `a.""`},
		{`{"a":{" ":1}}`, phpquery.Key, `a. `},
		{`{"a":{"\t":1}}`, phpquery.Key, `a."\t"`},
		{`{"a":{"\r":1}}`, phpquery.Key, `a."\r"`},
		{`{"a":{"\u000b":1}}`, phpquery.Key, `a."\v"`},
		{`{"a":{"b]":1}}`, phpquery.Key, `a.b]`},
		{`{"a":[{"b\u0000":1}]}`, phpquery.Key, `a[0]."b\x00"`},
		{`{"a":{"__Host-b":1}}`, phpquery.Key, `a.__Host-b`},
		{`{"a":[{"__Secure-":{"c":1}}]}`, phpquery.Key, `a[0].__Secure-`},
		{`{"__Host-a":{"__Secure-b":1}}`, phpquery.Key, `__Host-a.__Secure-b`},
		{`{"a":1,"b":2,"\u0061":3}`, phpquery.Duplicate, `a`},
		{`{"a":[{"b":{"x":1},"b":{"y":1}}]}`, phpquery.Duplicate, `a[0].b`},
		{`{"t":"$result[u][ID]"}`, phpquery.Reference, `t`}, // trap 12
		{`{"a":1,"b":{"c":["x $total[list] y"]}}`, phpquery.Reference, `b.c[0]`},
		{`{"t":"\u0024result[a]"}`, phpquery.Reference, `t`},
		{``, phpquery.Syntax, ``},
		{`null`, phpquery.Syntax, ``},
		{`"a"`, phpquery.Syntax, ``},
		{`{} {}`, phpquery.Syntax, ``},
		{`{}x`, phpquery.Syntax, ``},
		{`{`, phpquery.Syntax, ``},
		{`{"a":`, phpquery.Syntax, `a`},
		{`{"a":[1,`, phpquery.Syntax, `a`},
		{`{"a":[1}`, phpquery.Syntax, `a`},
		{`{"a":[01]}`, phpquery.Syntax, `a`},
		{`{"a":1,}`, phpquery.Syntax, ``},
		{`{1:2}`, phpquery.Syntax, ``},
		{`{"a":"\ud800"}`, phpquery.Syntax, `a`},
		{"{\"a\":\"\xff\"}", phpquery.Syntax, `a`},
	} {
		_, err := phpquery.Encode([]byte(test.params), nil)

		var pe *phpquery.Error
		require.ErrorAs(t, err, &pe, test.params)
		assert.Equal(t, test.reason, pe.Reason, "%s: %v", test.params, err)
		assert.Equal(t, test.path, pe.Path, test.params)
		assert.Equal(t, test.reason != phpquery.Syntax, pe.Alone(), test.params)
		assert.NotEmpty(t, pe.Problem)
	}
}

func TestErrorKeepsTheValueOut(t *testing.T) {
	t.Parallel()
	for _, params := range []string{
		`{"a":"$result[hidden]"}`,
		`{"a":"hidden\ud800"}`,
		`{"a":["hidden",null]}`,
		`{"a":"hidden","a":"hidden"}`,
		`{"a":"hidden"`,
	} {
		_, err := phpquery.Encode([]byte(params), nil)

		require.Error(t, err, params)
		assert.NotContains(t, err.Error(), "hidden")
		assert.NotContains(t, err.Error(), "\n")
	}
}

// The values of docs/protocol.md 4.6 and what the expression of the portal does with their like.
func TestTextsThatThePortalWouldReplace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text     string
		replaced bool
	}{
		{`$result[u][ID]`, true},
		{`$result[nope]`, true},
		{`x $result[u][ID] y`, true},
		{`a-$result[u][ID]_x`, true},
		{`$result[u][ID],$result[n]`, true},
		{`see $result[u][DEP] now`, true},
		{`$next[list]`, true},
		{`$time[list]`, true},
		{`$error[list]`, true},
		{`$results[n]`, true},
		{`$RESULT[u][ID]`, true},
		{`$resultat.de/x?y[0]`, true},
		{`$error_description[a]`, true},
		{`$$total[a]`, true},
		{`$5 $result,$x[1]`, true},
		{`$result[][a]`, true},
		{`$result[[]`, true},
		{`$total x $result[a]`, true},
		{`$x $total $result[u][ID]`, true},
		{`$result]a[b]`, true},
		{"$result\u00a0[a]", true},
		{"a\n$result[b\u2028]", true},
		{`$result`, false},
		{`$result [a]`, false},
		{"$result\v[a]", false},
		{"$result[a\nb]", false},
		{`$result[a b]`, false},
		{`$result[]`, false},
		{`$result[][`, false},
		{`$result]a[`, false},
		{`$resul[a]`, false},
		{`$reſult[a]`, false},
		{`$ result[a]`, false},
		{`result[a]`, false},
		{`$timer`, false},
		{`$`, false},
		{``, false},
	} {
		_, err := encodeText(test.text, nil)

		assert.Equal(t, test.replaced, err != nil, test.text)
		assert.Equal(t, test.replaced, replacedByPortal(test.text), test.text)
	}
}

func encodeText(text string, refs phpquery.Refs) (string, error) {
	params, err := codec.Marshal(map[string]string{"t": text})
	if err != nil {
		return "", err
	}
	return phpquery.Encode(params, refs)
}

func TestRefs(t *testing.T) {
	t.Parallel()
	var asked []string
	refs := func(s string) (string, bool, error) {
		asked = append(asked, s)
		return "$result[a][0][ID]", strings.HasPrefix(s, "mark:"), nil
	}

	got, err := phpquery.Encode([]byte(`{"id":"mark:1","n":5,"l":["mark:2","a mark:","\u006dark:3"],"mark:":7}`), refs)

	require.NoError(t, err)
	assert.Equal(t, `id=%24result%5Ba%5D%5B0%5D%5BID%5D&n=5&l[0]=%24result%5Ba%5D%5B0%5D%5BID%5D&l[1]=a%20mark%3A`+
		`&l[2]=%24result%5Ba%5D%5B0%5D%5BID%5D&mark%3A=7`, got)
	assert.Equal(t, []string{"mark:1", "mark:2", "a mark:", "mark:3"}, asked)
}

func TestRefsDoNotExcuseOtherTexts(t *testing.T) {
	t.Parallel()
	refs := func(string) (string, bool, error) { return "", false, nil }

	_, err := encodeText("$result[a]", refs)

	var pe *phpquery.Error
	require.ErrorAs(t, err, &pe)
	assert.Equal(t, phpquery.Reference, pe.Reason)
}

func TestRefsRefuse(t *testing.T) {
	t.Parallel()
	later := errors.New("refers to a later command")
	refs := func(string) (string, bool, error) { return "", false, later }

	_, err := phpquery.Encode([]byte(`{"a":[1,"mark:"]}`), refs)

	require.ErrorIs(t, err, later)
	var pe *phpquery.Error
	require.ErrorAs(t, err, &pe)
	assert.Equal(t, phpquery.BadReference, pe.Reason)
	assert.Equal(t, "a[1]: refers to a later command", err.Error())
	assert.False(t, pe.Alone())
}

// Trap 13: what the portal would resolve in part, or to something else.
func TestReferencesMustBeWhole(t *testing.T) {
	t.Parallel()
	for text, whole := range map[string]bool{
		"$result[a]":          true,
		"$result[a][0][ID]":   true,
		"$total[0]":           true,
		"$result[a[b][ID]":    true,
		"$result":             false,
		"$result[]":           false,
		"$result[a][]":        false,
		"$result[a]x":         false,
		"$result[a][":         false,
		"$result[a]]":         false,
		"$results[a]":         false,
		"$RESULT[a]":          false,
		"$result[a b]":        false,
		"$result[a\n]":        false,
		" $result[a]":         false,
		"x$result[a]":         false,
		"result[a]":           false,
		"$other[a]":           false,
		"$":                   false,
		"":                    false,
		"$result[a],$next[b]": false,
	} {
		_, err := encodeText("mark", func(string) (string, bool, error) { return text, true, nil })

		var pe *phpquery.Error
		assert.Equal(t, whole, err == nil, text)
		assert.Equal(t, !whole, errors.As(err, &pe) && pe.Reason == phpquery.BadReference, text)
	}
}

func TestVariablesAreCounted(t *testing.T) { // trap 17
	t.Parallel()
	list := "[" + strings.Repeat("7,", 898) + "7]"

	got, err := phpquery.Encode([]byte(`{"l":`+list+`,"x":1}`), nil)

	require.NoError(t, err)
	assert.Equal(t, 900, strings.Count(got, "="))

	_, err = phpquery.Encode([]byte(`{"l":`+list+`,"x":1,"y":{"z":2}}`), nil)

	var pe *phpquery.Error
	require.ErrorAs(t, err, &pe)
	assert.Equal(t, phpquery.TooMany, pe.Reason)
	assert.Equal(t, "y.z", pe.Path)
}

func TestNestingIsCounted(t *testing.T) {
	t.Parallel()
	nested := func(brackets int) []byte {
		return []byte(`{"a":` + strings.Repeat(`[`, brackets) + `1` + strings.Repeat(`]`, brackets) + `}`)
	}

	got, err := phpquery.Encode(nested(64), nil)

	require.NoError(t, err)
	assert.Equal(t, "a"+strings.Repeat("[0]", 64)+"=1", got)

	for _, brackets := range []int{65, 5_000, 100_000} {
		_, err = phpquery.Encode(nested(brackets), nil)

		var pe *phpquery.Error
		require.ErrorAs(t, err, &pe)
		assert.Equal(t, phpquery.Depth, pe.Reason, strconv.Itoa(brackets))
		assert.Equal(t, "a[0][0][0][0][0][0][0]...", pe.Path)
	}
}

// What the library itself marshals must be readable without tolerance.
func TestEncodeTakesWhatCodecWrites(t *testing.T) {
	t.Parallel()
	params, err := codec.Marshal(map[string]any{"t": "a\ufffdb<>&\u2028", "n": 1e21, "b": []byte("x")})
	require.NoError(t, err)

	got, err := phpquery.Encode(params, nil)

	require.NoError(t, err)
	assert.Equal(t, "b=eA%3D%3D&n=1e%2B21&t=a%EF%BF%BDb%3C%3E%26%E2%80%A8", got)
}

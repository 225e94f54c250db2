package methods_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/methods"
)

func TestReads(t *testing.T) {
	t.Parallel()
	cases := []struct {
		method string
		v3     bool
		want   bool
		rule   methods.Rule
	}{
		{method: "crm.deal.list", want: true, rule: methods.RuleWord},
		{method: "CRM.Deal.LIST", want: true, rule: methods.RuleWord},
		{method: "crm.item.fields", want: true, rule: methods.RuleWord},
		{method: "disk.storage.getList", want: true, rule: methods.RuleWord},
		{method: "event.offline.list", want: true, rule: methods.RuleWord},
		{method: "main.eventlog.tail", v3: true, want: true, rule: methods.RuleWord},
		{method: "tasks.task.aggregate", v3: true, want: true, rule: methods.RuleName},
		{method: "tasks.task.aggregate", rule: methods.RuleUnknown},
		{method: "crm.duplicate.findByComm", want: true, rule: methods.RuleName},
		{method: "profile", want: true, rule: methods.RuleName},
		{method: "mail.message.thread", v3: true, want: true, rule: methods.RuleName},
		{method: "event.offline.get", rule: methods.RuleName},
		{method: "Event.Offline.GET", rule: methods.RuleName},
		{method: "event.offline.get", v3: true, rule: methods.RuleName},
		{method: "imbot.v2.Event.get", rule: methods.RuleName},
		{method: "im.v2.Event.get", rule: methods.RuleName},
		{method: "im.notify.read.list", rule: methods.RuleName},
		{method: "new.notify.read.list", rule: methods.RuleVerb},
		{method: "task.stages.get", rule: methods.RuleName},
		{method: "crm.deal.add", rule: methods.RuleUnknown},
		{method: "catalog.document.deleteList", rule: methods.RuleUnknown},
		{method: "catalog.document.conductList", rule: methods.RuleUnknown},
		{method: "disk.file.getExternalLink", rule: methods.RuleUnknown},
		{method: "disk.storage.getForApp", rule: methods.RuleUnknown},
		{method: "salescenter.payment.getPublicUrl", rule: methods.RuleUnknown},
		{method: "entity.rights", rule: methods.RuleUnknown},
		{method: "telephony.externalCall.attachRecord", rule: methods.RuleUnknown},
		{method: "disk.folder.uploadFile", rule: methods.RuleUnknown},
		{method: "batch", rule: methods.RuleUnknown},
		{method: "batch", v3: true, rule: methods.RuleUnknown},
		{method: "profile", v3: true, rule: methods.RuleUnknown},
		{method: "mail.message.thread", rule: methods.RuleUnknown},
	}
	for _, c := range cases {
		got, rule := methods.Decide(c.method, c.v3)
		assert.Equal(t, c.want, got, c.method)
		assert.Equal(t, c.rule.String(), rule.String(), c.method)
		assert.Equal(t, c.want, methods.Reads(c.method, c.v3), c.method)
	}
}

func TestMalformedNamesWrite(t *testing.T) {
	t.Parallel()
	names := []string{
		"", ".", "get", "list", "fields", ".list", "crm.deal.list.", "crm..list", "crm.deal.list ", " crm.deal.list",
		"crm.deal.list?halt=1", "crm.deal.add#.list", "crm.deal.add?x=a.list", "crm.deal.add/list", "crm.deal.add\x00.list",
		"crm.deal.list\n", "crm.deal.l\u0131st", "tas\u212a.item.list", "crm.deal.list.json", "crm/deal/list", "profile.", "Profile?",
	}
	for _, name := range names {
		for _, v3 := range []bool{false, true} {
			assert.Falsef(t, methods.Reads(name, v3), "%q", name)
		}
	}
}

// TestPrefixNeverMakesARead holds for every known name that no named exception
// decides: what stands before a writing name does not turn it into a read.
// Letter case never matters.
func TestPrefixNeverMakesARead(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, seed))
	for _, k := range known(t) {
		reads, rule := methods.Decide(k.method, k.v3)
		assert.Equal(t, reads, methods.Reads(randomCase(rng, k.method), k.v3), "seed %d: case of %s", seed, k.method)
		if rule == methods.RuleName {
			continue
		}
		for range 10 {
			name := randomPrefix(rng) + k.method
			if strings.Contains(k.method, ".") {
				assert.Equal(t, reads, methods.Reads(name, k.v3), "seed %d: %s", seed, name)
				continue
			}
			assert.False(t, methods.Reads(name, k.v3), "seed %d: %s", seed, name)
		}
	}
}

// randomPrefix returns one to three words that no table names, a dot behind each.
func randomPrefix(rng *rand.Rand) string {
	var b strings.Builder
	for range 1 + rng.IntN(3) {
		b.WriteString("zz")
		for range rng.IntN(5) {
			b.WriteByte(byte('a' + rng.IntN(26)))
		}
		b.WriteByte('.')
	}
	return b.String()
}

func randomCase(rng *rand.Rand, s string) string {
	b := []byte(strings.ToLower(s))
	for i, c := range b {
		if 'a' <= c && c <= 'z' && rng.IntN(2) == 0 {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// FuzzReads holds that a read is a clean name: nothing that could end the
// method's name early or carry a second one passes.
func FuzzReads(f *testing.F) {
	f.Add("crm.deal.list", false)
	f.Add("event.offline.get", false)
	f.Add("main.eventlog.tail", true)
	f.Add("crm.deal.add?x=.list", false)
	f.Fuzz(func(t *testing.T, method string, v3 bool) {
		if !methods.Reads(method, v3) {
			return
		}
		assert.Regexp(t, `\A[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*\z`, method)
		assert.True(t, methods.Reads(strings.ToUpper(method), v3))
		assert.False(t, methods.Reads(method+".add", v3))
		assert.False(t, methods.Reads(method+".delete", v3))
	})
}

func BenchmarkReads(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		methods.Reads("crm.duplicate.findbycomm", false)
		methods.Reads("crm.deal.list", false)
		methods.Reads("crm.deal.add", false)
	}
}

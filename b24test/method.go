package b24test

import (
	"maps"
	"sync"
)

// procedure does the work of a method that is not one of a single entity's rows. It runs under the
// lock of the database, so it must not call a method of the Portal that takes it.
type procedure func(p *Portal, req Request) (any, error)

// procedures holds the methods that every portal has in addition to those of the families, or
// instead of them, by name in lower case. It is never changed.
var procedures = sync.OnceValue(func() map[string]procedure { //nolint:gochecknoglobals // see above
	all := map[string]procedure{}
	for _, more := range []map[string]procedure{
		systemMethods(), requisiteMethods(), productRowMethods(), catalogMethods(), activityMethods(), todoMethods(),
		orderMethods(), processMethods(), crmMethods(), customFieldMethods(), callMethods(), talkMethods(),
		statusMethods(), enumMethods(), categoryMethods(), typeMethods(), recordMethods(), currencyMethods(), diskMethods(), fieldFileMethods(),
		linkMethods(),
	} {
		maps.Copy(all, more)
	}
	return all
})

// method returns the handler of a method that the portal has by itself; nil if it has none.
func (p *Portal) method(name string) Handler {
	run := p.procedures[name]
	if run == nil {
		if run = p.data.method(name); run == nil {
			return nil
		}
	}
	return func(req Request) (any, error) {
		p.data.mu.Lock()
		defer p.data.remarks.flush()
		defer p.data.mu.Unlock()
		p.data.remarks.begin(req.Method)
		p.remarkParameters(name, req)
		return run(p, req)
	}
}

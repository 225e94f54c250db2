package b24test

// families returns the entities that every portal has, docs/protocol.md 5.2.
func families() []family {
	var all []family
	for _, more := range [][]family{
		recordFamilies(), crmFamilies(), requisiteFamilies(), itemFamilies(), crmControllers(), peopleFamilies(), taskFamilies(), scrumFamilies(),
		talkFamilies(), eventFamilies(), processFamilies(), listFamilies(), documentFamilies(), fileFamilies(), catalogFamilies(), orderFamilies(),
		bookingFamilies(),
	} {
		all = append(all, more...)
	}
	return all
}

// lists returns the verbs of an entity whose rows can only be listed.
func lists(names ...string) map[string]operation {
	verbs := map[string]operation{}
	for _, name := range names {
		verbs[name] = list
	}
	return verbs
}

// capitalNames returns the arguments of a method that knows them only in capitals.
func capitalNames() map[string]string {
	return map[string]string{"filter": "FILTER", "order": "ORDER", "select": "SELECT"}
}

// everywhere returns the same value for filter, order and select.
func everywhere[T any](v T) [3]T { return [3]T{v, v, v} }

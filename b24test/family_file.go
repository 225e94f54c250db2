package b24test

// fileFamilies returns those of the Drive and of sites.
func fileFamilies() []family {
	disk := family{
		id: "ID", verbs: lists("getchildren"), exact: true, grammar: pickedGrammar(pickedOperators),
		naming: [3]naming{inFilter: namingAnyCase, inOrder: namingSnake}, strays: [3]stray{inOrder: strayUnknown}, turns: turnsORM,
		texts: textAll, paging: byOffset, noCount: totalAlways,
	}
	folders, storages, roots := disk, disk, disk
	folders.entity, folders.scopes = "disk.folder", []scope{{arg: "id", field: "PARENT_ID", required: true}}
	storages.entity, storages.verbs, storages.scopes = "disk.storage.getchildren", lists(""), []scope{{arg: "id", field: "STORAGE_ID", required: true}}
	roots.entity, roots.verbs = "disk.storage", lists("getlist")
	sites := family{
		id: "ID", verbs: lists("getlist"), inside: "params", grammar: ormGrammar(logicExact), naming: everywhere(namingAnyCase), turns: turnsDesc,
		texts: textAll, paging: byLimit, noCount: totalNever,
	}
	all := []family{folders, storages, roots}
	for _, entity := range []string{"landing.site", "landing.landing"} {
		f := sites
		f.entity = entity
		all = append(all, f)
	}
	return all
}

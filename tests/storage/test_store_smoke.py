def test_opens_sound(store):
    assert store.check() == []
    assert store.meta.installation() == store.meta.installation()

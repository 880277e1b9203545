def in_order(person, names):
    return [person.get(name, 0.0) for name in names]

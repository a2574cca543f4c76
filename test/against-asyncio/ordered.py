"""A TaskGroup keeps its tasks in a set, and so cancels them in any order, another one in every run. Here it is the order of spawning, in both flavours."""


class Ordered(dict):
    def add(self, each):
        self[each] = None

    def discard(self, each):
        self.pop(each, None)

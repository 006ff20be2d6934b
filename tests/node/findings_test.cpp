#include "phyllo/node/findings.hpp"

#include <doctest.h>

namespace findings_test {

using phyllo::node::findings;
using texts = std::vector<std::string>;

TEST_CASE("errors that a reader of several files gives come apart, a line each") {
  findings f;
  f.add_errors("");
  CHECK(f.errors.empty());
  f.add_errors("one");
  f.add_errors("two\nthree\n");
  CHECK(f.errors == texts{"one", "two", "three"});
}

TEST_CASE("what keeps a node from running, what fails in it, and what somebody should know are apart") {
  findings f;
  f.error("a", "wrong");
  f.fails("b", "expired");
  f.warning("c", "soon");
  CHECK(f.errors == texts{"a: wrong"});
  CHECK(f.failing == texts{"b: expired"});
  CHECK(f.warnings == texts{"c: soon"});
}

}  // namespace findings_test

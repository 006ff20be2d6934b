#include "sip/code_counter.hpp"

#include <doctest.h>

namespace code_counter_test {

using namespace phyllo;

TEST_CASE("the usual codes are there at zero, and another appears when it first comes") {
  core::metrics m;
  sip::code_counter c(m, "calls_total", "Calls.", {200, 486});
  CHECK(m.text().find("calls_total{code=\"200\"} 0") != std::string::npos);
  CHECK(m.text().find("calls_total{code=\"486\"} 0") != std::string::npos);
  CHECK(m.text().find("code=\"603\"") == std::string::npos);
  c.add(603);
  c.add(200);
  c.add(200);
  CHECK(m.text().find("calls_total{code=\"603\"} 1") != std::string::npos);
  CHECK(m.text().find("calls_total{code=\"200\"} 2") != std::string::npos);
  CHECK(m.text().find("calls_total{code=\"486\"} 0") != std::string::npos);
}

}  // namespace code_counter_test

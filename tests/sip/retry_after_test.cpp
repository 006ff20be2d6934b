#include "sip/retry_after.hpp"

#include <doctest.h>

#include <set>

#include "support/sample_message.hpp"
#include "support/simulated_world.hpp"

namespace retry_after_test {

using namespace phyllo;

TEST_CASE("phones that are refused together are told different times, from 5 to 15 seconds") {
  testing::simulated_world w;
  std::set<int> told;
  for (int i = 0; i < 200; ++i) {
    auto m = testing::parsed_message(testing::sample_invite).reply(503);
    sip::add_retry_after(m, w.env());
    told.insert(std::stoi(m.header("Retry-After").value()));
  }
  CHECK(*told.begin() == 5);
  CHECK(*told.rbegin() <= 15);
  CHECK(told.size() >= 9);
}

TEST_CASE("a date has the form of RFC 3261 s.20.17, in GMT") {
  const auto date = [](std::int64_t seconds) { return sip::sip_date(core::wall_time(std::chrono::seconds(seconds))); };
  CHECK(date(1'289'690'940) == "Sat, 13 Nov 2010 23:29:00 GMT");  // the RFC's example
  CHECK(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(date(1'709'164'800) == "Thu, 29 Feb 2024 00:00:00 GMT");
  CHECK(date(1'735'689'599) == "Tue, 31 Dec 2024 23:59:59 GMT");
}

}  // namespace retry_after_test

#include "peer/lookup_metrics.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"

namespace lookup_metrics_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

std::uint64_t ended(core::metrics& m, const std::string& how) { return m.get_counter("phyllo_lookups_total", "", {{"code", how}}).value(); }

bool says(core::metrics& m, std::string_view line) { return m.text().find(line) != std::string::npos; }

}  // namespace

TEST_CASE("look-ups are counted by how they ended, and are there before the first") {
  core::metrics m;
  lookup_metrics l(m);
  for (const auto* how : {"ok", "error", "timed_out"}) CHECK(says(m, std::string("phyllo_lookups_total{code=\"") + how + "\"} 0"));
  answer good;
  good.contents.code = code::fetch_req + 1;
  good.hops = 3;
  answer refused;
  refused.contents = make_error(error_code::not_found);
  l.note(good, 20ms);
  l.note(good, 20ms);
  l.note(refused, 20ms);
  l.note(core::fail(errc::timed_out), 8s);
  CHECK(ended(m, "ok") == 2);
  CHECK(ended(m, "error") == 1);
  CHECK(ended(m, "timed_out") == 1);
}

TEST_CASE("what a look-up took and crossed is told of those that were answered") {
  core::metrics m;
  lookup_metrics l(m);
  answer a;
  a.contents.code = code::fetch_req + 1;
  a.hops = 3;
  l.note(a, 20ms);
  l.note(core::fail(errc::timed_out), 8s);
  CHECK(says(m, "phyllo_lookup_hops_bucket{le=\"2\"} 0"));
  CHECK(says(m, "phyllo_lookup_hops_bucket{le=\"3\"} 1"));
  CHECK(says(m, "phyllo_lookup_hops_count 1"));
  CHECK(says(m, "phyllo_lookup_seconds_bucket{le=\"0.01\"} 0"));
  CHECK(says(m, "phyllo_lookup_seconds_bucket{le=\"0.025\"} 1"));
  CHECK(says(m, "phyllo_lookup_seconds_count 1"));
}

}  // namespace lookup_metrics_test

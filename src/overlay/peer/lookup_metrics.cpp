#include "peer/lookup_metrics.hpp"

#include "reload/message_codes.hpp"

namespace phyllo::overlay {
namespace {

const char* const lookups_help = "Requests to Resource-IDs, by how they ended.";

}  // namespace

lookup_metrics::lookup_metrics(core::metrics& m)
    : ok_(m.get_counter("phyllo_lookups_total", lookups_help, {{"code", "ok"}})),
      error_(m.get_counter("phyllo_lookups_total", lookups_help, {{"code", "error"}})),
      timed_out_(m.get_counter("phyllo_lookups_total", lookups_help, {{"code", "timed_out"}})),
      hops_(m.get_histogram("phyllo_lookup_hops", "Links that a look-up crossed.", {0, 1, 2, 3, 4, 5, 6, 8, 10})),
      seconds_(m.get_histogram("phyllo_lookup_seconds", "Seconds until a look-up's answer.",
                               {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5})) {}

void lookup_metrics::note(const core::result<answer>& a, core::duration took) {
  if (!a) return timed_out_.add();
  (a->contents.code == code::error ? error_ : ok_).add();
  hops_.observe(a->hops);
  seconds_.observe(std::chrono::duration<double>(took).count());
}

}  // namespace phyllo::overlay

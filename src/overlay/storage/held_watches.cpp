#include "storage/held_watches.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr auto hold_max = 30s;  // of what others ask for

}  // namespace

held_watches::held_watches(core::environment& env, const surroundings& ring, const held_records& held, const local_answers& answers,
                           const storage_options& options, core::metrics& metrics)
    : env_(env), ring_(ring), held_(held), answers_(answers), metrics_(metrics), watches_(options.watches) {}

void held_watches::stop() {
  stopping_ = true;
  watches_.wake_all();
}

core::awaitable<void> held_watches::hold(node_id watcher, message_contents m) {
  const auto o = decode(m.extensions);
  const auto body = fetch_request::decode(m.body, held_.kinds());
  if (!o || !o->watch || !body || !body->unknown.empty()) co_return;  // handle() says what is wrong
  const auto alarm = env_.make_timer();
  const watch_table::place place(watches_, body->resource, watcher, *alarm);
  if (!place.held()) {
    metrics_.drop("watches_full");
    co_return;
  }
  const auto until = env_.now() + std::min<core::duration>(o->watch->hold, hold_max);
  const auto unchanged = [&] { return answers_.live_digest(*body) == o->watch->seen; };
  while (!stopping_ && ring_.active() && held_.is_root(body->resource) && unchanged() && env_.now() < until) {
    alarm->set(until);  // ends with a change of the state or of the root, or in time
    co_await alarm->wait();
  }
}

}  // namespace phyllo::overlay

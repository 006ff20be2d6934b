// Watches as the root holds them (storage.md, N): a Fetch until the state is another.
#include <algorithm>

#include "storage/live_state.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

constexpr auto hold_max = 30s;  // of what others ask for

}  // namespace

state_digest storage_node::live_digest(const fetch_request& request) const {
  live_state state;
  for (const auto& asked : request.specifiers) {
    const auto s = with_final_element(asked, array_end(request.resource, asked.kind));
    for (const auto* v : store_.values(request.resource, s.kind)) {
      if (asks_for(s, v->data.value)) state.add(s.kind, v->data, v->version, v->lifetime_left(env_.now()));
    }
  }
  return state.digest();
}

core::awaitable<void> storage_node::hold_watch(node_id watcher, message_contents m) {
  const auto o = decode(m.extensions);
  const auto body = fetch_request::decode(m.body, kinds_);
  if (!o || !o->watch || !body || !body->unknown.empty()) co_return;  // handle() says what is wrong
  const auto alarm = env_.make_timer();
  const watch_table::place place(watches_, body->resource, watcher, *alarm);
  if (!place.held()) {
    metrics_.drop("watches_full");
    co_return;
  }
  const auto until = env_.now() + std::min<core::duration>(o->watch->hold, hold_max);
  const auto unchanged = [&] { return live_digest(*body) == o->watch->seen; };
  while (!stopping_ && ring_.active() && sets_.root(body->resource) == ring_.self() && unchanged() && env_.now() < until) {
    alarm->set(until);  // ends with a change of the state or of the root, or in time
    co_await alarm->wait();
  }
}

// An answer that says nothing new carries no values.
void storage_node::leave_out_what_is_seen(message_contents& m, const fetch_request& request, const watch_request& w) const {
  if (m.code != code::fetch_req + 1 || live_digest(request) != w.seen) return;
  auto answer = fetch_answer::decode(m.body, kinds_);
  if (!answer) return;
  for (auto& k : answer->kinds) k.values.clear();
  m.body = answer->encode();
  m.certificates.clear();
  m.extensions.push_back({.type = extension_type::watch, .critical = false, .content = {}});
}

}  // namespace phyllo::overlay

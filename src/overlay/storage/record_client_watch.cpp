// Watches as the watcher sees them (storage.md, N): it asks again and again, until the state is another.
#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "storage/record_client.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

constexpr auto hold = 4s;
constexpr auto grace = 2500ms;   // beyond the hold: a read without R1 takes 2 s, the way there and back the rest
constexpr auto poll_every = 1s;  // of a root that does not hold

message_contents watch_message(const resource_id& resource, const state_digest& seen) {
  fetch_request body{.resource = resource, .specifiers = {}, .unknown = {}};
  body.specifiers.push_back({.kind = resource_kind.id, .generation = 0, .ranges = {}, .keys = {}});
  request_options o;
  o.watch = watch_request{.hold = hold, .seen = seen};
  message_contents m;
  m.code = code::fetch_req;
  m.body = body.encode(known_kinds());
  m.extensions = encode(o);
  return m;
}

// Of the way there, not of what is asked for: the ring repairs itself, and the watch goes on.
bool passes(const core::error& e) { return e == errc::timed_out || e == errc::unreachable || e == errc::configuration; }

}  // namespace

// Nothing: the same as seen.
core::awaitable<core::result<std::optional<outcome>>> record_client::ask_for_change(name n, state_digest seen, core::time_point deadline) {
  const auto started = env_.now();
  const auto until = std::min(deadline, started + hold + grace);
  const auto got = co_await ring_.request_root_patiently(key_of(n), watch_message(key_of(n), seen), until);
  if (!got) co_return core::fail(got.error());
  if (has_extension(got->contents, extension_type::watch)) co_return std::nullopt;
  auto all = believed(n, *got, started);
  if (!all) co_return core::fail(all.error());
  if (all->result.state == seen) co_return std::nullopt;
  co_return outcome_with_values(std::move(*all));
}

core::awaitable<core::result<outcome>> record_client::watch(name n, watch_options o) {
  const auto deadline = env_.now() + o.timeout;
  if (!o.seen) {  // as get, but that nothing is a state, too
    auto all = co_await fetch_all(n, false, deadline);
    if (!all) co_return core::fail(all.error());
    co_return outcome_with_values(std::move(*all));
  }
  while (true) {  // ends with a change, an error that does not pass, or at the deadline
    if (stopping_ || !ring_.attached()) co_return core::fail(errc::not_joined);
    const auto asked = env_.now();
    auto got = co_await ask_for_change(n, *o.seen, deadline);
    if (got && *got) co_return std::move(**got);
    if (!got && !passes(got.error())) co_return core::fail(got.error());
    if (env_.now() >= deadline) co_return core::fail(errc::timed_out, "nothing changed under this name");
    const auto again = std::min(deadline, asked + poll_every);
    co_await core::sleep_until(env_, again);
  }
}

}  // namespace phyllo::overlay

#include "peer/lasting_records.hpp"

#include <utility>

namespace phyllo::overlay {
namespace {

// As they were given, for what is left of their time.
template <class Options>
Options within(core::duration left, Options o) {
  o.timeout = left;
  return o;
}

}  // namespace

template <class T>
core::awaitable<core::result<T>> lasting_records::read(operation<T> what, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  while (true) {  // ends with the answer of a role that stays, or at the deadline
    const auto now = co_await by_.joined(deadline);
    if (!now) co_return core::fail(now.error());
    auto got = co_await what((*now)->stack.stored().held().records(), deadline - env_.now());
    const bool cut_short = !got && got.error() == errc::not_joined && by_.passing(*now);
    if (!cut_short) co_return got;
  }
}

core::awaitable<core::result<outcome>> lasting_records::write(operation<outcome> what, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  const auto now = co_await by_.joined(deadline);
  if (!now) co_return core::fail(now.error());
  const occupied place((*now)->writing);
  co_return co_await what((*now)->stack.stored().held().records(), deadline - env_.now());
}

core::awaitable<core::result<outcome>> lasting_records::get(name n, read_options o) {
  const auto timeout = o.timeout;
  const auto ask = [n = std::move(n), o](record_operations& of, core::duration left) { return of.get(n, within(left, o)); };
  return read<outcome>(ask, timeout);
}

core::awaitable<core::result<outcome>> lasting_records::watch(name n, watch_options o) {
  const auto timeout = o.timeout;
  const auto ask = [n = std::move(n), o](record_operations& of, core::duration left) { return of.watch(n, within(left, o)); };
  return read<outcome>(ask, timeout);
}

core::awaitable<core::result<outcome>> lasting_records::add(name n, record r, std::chrono::seconds lifetime, write_options o) {
  const auto timeout = o.timeout;
  const auto store = [n = std::move(n), r = std::move(r), lifetime, o](record_operations& of, core::duration left) {
    return of.add(n, r, lifetime, within(left, o));
  };
  return write(store, timeout);
}

core::awaitable<core::result<outcome>> lasting_records::update(name n, record r, std::chrono::seconds lifetime, write_options o) {
  const auto timeout = o.timeout;
  const auto store = [n = std::move(n), r = std::move(r), lifetime, o](record_operations& of, core::duration left) {
    return of.update(n, r, lifetime, within(left, o));
  };
  return write(store, timeout);
}

core::awaitable<core::result<outcome>> lasting_records::remove(name n, write_options o) {
  const auto timeout = o.timeout;
  const auto store = [n = std::move(n), o](record_operations& of, core::duration left) { return of.remove(n, within(left, o)); };
  return write(store, timeout);
}

core::awaitable<core::result<outcome>> lasting_records::store_entry(kind_id kind, resource_id resource, kind_entry e,
                                                                    std::chrono::seconds lifetime, core::duration timeout) {
  const auto store = [kind, resource, e = std::move(e), lifetime](record_operations& of, core::duration left) {
    return of.store_entry(kind, resource, e, lifetime, left);
  };
  return write(store, timeout);
}

core::awaitable<core::result<std::vector<kind_value>>> lasting_records::fetch_entries(kind_id kind, resource_id resource,
                                                                                      core::duration timeout) {
  const auto ask = [kind, resource](record_operations& of, core::duration left) { return of.fetch_entries(kind, resource, left); };
  return read<std::vector<kind_value>>(ask, timeout);
}

core::awaitable<core::result<resource_id>> lasting_records::find_resource(kind_id kind, resource_id near, core::duration timeout) {
  const auto ask = [kind, near](record_operations& of, core::duration left) { return of.find_resource(kind, near, left); };
  return read<resource_id>(ask, timeout);
}

}  // namespace phyllo::overlay

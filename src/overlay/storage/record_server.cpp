#include "storage/record_server.hpp"

#include <algorithm>

#include "reload/message.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

constexpr auto hold_max = 30s;  // of what others ask for

}  // namespace

record_server::record_server(const storage_parts& with, replica_asker& asker)
    : env_(with.env),
      ring_(with.ring),
      share_(with.share),
      metrics_(with.metrics),
      answers_(with),
      reader_(with, asker, answers_),
      writer_(with, asker, reader_),
      watches_({.watches_max = with.options.watches_max, .watches_per_node_max = with.options.watches_per_node_max}) {}

void record_server::stop() {
  stopping_ = true;
  watches_.wake_all();
}

core::awaitable<message_contents> record_server::handle(incoming request) {
  share_.refresh();
  const auto options = decode(request.contents.extensions);
  if (!options) co_return make_error(options.error());
  const auto o = *options;
  switch (request.contents.code) {
    case code::store_req: co_return co_await writer_.store(std::move(request), o);
    case code::fetch_req:
    case code::stat_req: co_return co_await fetch(std::move(request), o);
    case code::find_req: co_return answers_.find(request);
    default: co_return make_error(error_code::invalid_message, "not a method of storage");
  }
}

core::awaitable<message_contents> record_server::fetch(incoming request, request_options o) {
  const auto body = fetch_request::decode(request.contents.body, share_.kinds());
  const auto code = request.contents.code;
  if (!body) co_return make_error(error_code::invalid_message, code == code::fetch_req ? "FetchReq" : "StatReq");
  if (o.view || !body->unknown.empty() || body->specifiers.empty()) co_return answers_.make(code, *body);
  auto values = co_await reader_.read(code, *body, o);
  if (o.watch) answers_.leave_out_what_is_seen(values, *body, *o.watch);
  co_return values;
}

core::awaitable<void> record_server::hold_watch(node_id watcher, message_contents m) {
  const auto o = decode(m.extensions);
  const auto body = fetch_request::decode(m.body, share_.kinds());
  if (!o || !o->watch || !body || !body->unknown.empty()) co_return;  // handle() says what is wrong
  const auto alarm = env_.make_timer();
  const watch_table::place place(watches_, body->resource, watcher, *alarm);
  if (!place.held()) {
    metrics_.drop("watches_full");
    co_return;
  }
  const auto until = env_.now() + std::min<core::duration>(o->watch->hold, hold_max);
  const auto& sets = share_.sets();
  const auto unchanged = [&] { return answers_.live_digest(*body) == o->watch->seen; };
  while (!stopping_ && ring_.active() && sets.root(body->resource) == ring_.self() && unchanged() && env_.now() < until) {
    alarm->set(until);  // ends with a change of the state or of the root, or in time
    co_await alarm->wait();
  }
}

}  // namespace phyllo::overlay

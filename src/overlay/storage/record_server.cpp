#include "storage/record_server.hpp"

#include "reload/message.hpp"

namespace phyllo::overlay {

record_server::record_server(const storage_parts& with, replica_asker& asker)
    : share_(with.share),
      answers_(with.env, with.self, with.share),
      reader_(with, asker, answers_),
      writer_(with, asker, reader_),
      watches_(with.env, with.ring, with.share, answers_, with.options, with.metrics) {}

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

}  // namespace phyllo::overlay

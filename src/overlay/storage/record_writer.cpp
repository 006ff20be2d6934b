#include "storage/record_writer.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

std::vector<kind_id> kinds_of(const store_request& body) {
  std::vector<kind_id> kinds;
  for (const auto& kd : body.kinds) kinds.push_back(kd.kind);
  return kinds;
}

}  // namespace

core::awaitable<message_contents> record_writer::store(incoming request, request_options o) {
  auto body = store_rules::read(request.contents.body, share_.kinds());
  if (!body) co_return std::move(body.error());
  if (body->replica_number != 0) co_return replica_store(request, *body, o);
  const auto deadline = env_.now() + options_.write_timeout;
  store_rules::certificates signers;
  if (auto refused = rules_.judge_original(request, *body, signers)) co_return std::move(*refused);
  if (o.if_absent || store_rules::depends_on_state(*body)) {
    auto kinds = kinds_of(*body);
    const auto known = co_await learn_what_is_held(body->resource, std::move(kinds), deadline);
    if (!known) co_return make_error(error_code::request_timeout, "no quorum to judge the condition by");
  }
  rules_.place_appended(*body);
  if (auto refused = rules_.conditions(*body, o)) co_return std::move(*refused);
  rules_.take_original(*body, signers);
  auto keys = store_rules::keys_of(*body);
  co_return co_await replication_.run(body->resource, std::move(keys), deadline);
}

// What is absent here may be held by others. A root that knows all of its view may be behind all the same: who takes it for dead has
// another node stand in for it, and that one's writes need not have come here yet.
core::awaitable<core::status> record_writer::learn_what_is_held(resource_id resource, std::vector<kind_id> kinds,
                                                                core::time_point deadline) {
  while (true) {  // ends when a quorum was read in the view that still is, or at the deadline
    share_.refresh();
    if (!rules_.responsible(resource)) co_return core::fail(errc::timed_out, store_rules::not_responsible);
    const auto view = share_.sets().view(resource);
    const auto read = co_await reader_.quorum_read(resource, kinds, false, deadline);
    if (!read) co_return read;
    share_.refresh();
    if (share_.sets().view(resource) == view && rules_.responsible(resource)) co_return core::status();
  }
}

message_contents record_writer::replica_store(const incoming& request, const store_request& body, const request_options& o) {
  const auto from = request.signer.node();
  const auto refuse = [&](std::string_view why) {
    auto m = make_error(error_code::forbidden, why);
    m.extensions.push_back(*share_.state_of(body.resource));
    return m;
  };
  if (!share_.sets().near(body.resource, from)) return refuse("not of the neighbourhood");
  if (!share_.sets().has(body.resource, ring_.self())) return refuse("view");
  if (std::ranges::any_of(body.kinds, [](const auto& k) { return k.generation == 0; }))
    return make_error(error_code::invalid_message, "generation 0");
  store_rules::certificates signers;
  if (auto refused = rules_.judge_all(request, body, false, signers)) return std::move(*refused);
  if (auto refused = rules_.conditions(body, {})) {
    refused->extensions.push_back(*share_.state_of(body.resource));
    return std::move(*refused);
  }
  rules_.take_copy(body, signers);
  // What is held is held; but only a confirmation in one view counts for the writer.
  if (o.view && *o.view != share_.sets().view(body.resource)) return refuse("view");
  if (o.view && share_.sets().root(body.resource) != from && share_.sets().stand_in(body.resource) != from) return refuse("root");
  return rules_.answer_for(body.resource, store_rules::keys_of(body), 0);
}

}  // namespace phyllo::overlay

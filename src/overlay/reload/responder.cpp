#include "reload/responder.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "reload/configuration_sequence.hpp"

namespace phyllo::overlay {
namespace {

// Of the overlay's own limit some is left for lists that grow on the way.
constexpr std::size_t room_for_lists = 4096;

// Answered alike when processed again (s.6.2.1 says so of Fetch), and large: not worth remembering.
bool idempotent(std::uint16_t c) {
  return c == code::fetch_req || c == code::stat_req || c == code::find_req || c == code::ping_req || c == code::probe_req ||
         c == code::route_query_req || c == code::path_track_req;
}

// An answer has to have room for them.
bool too_long(const std::vector<forwarding_option>& options) {
  constexpr std::size_t copied_bytes_max = 1024;
  std::size_t size = 0;
  for (const auto& o : options) size += 4 + o.content.size();
  return size > copied_bytes_max;
}

received_request take_apart(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                            const std::optional<node_id>& from) {
  received_request r{
      .contents = std::move(p.contents), .signer = signer, .resource = {}, .link_peer = from, .return_path = {}, .copied_options = {}};
  if (h.destinations.front().type == destination_type::resource) r.resource = h.destinations.front().id;
  r.direct = from && *from == signer.node() && h.via.empty();
  r.transaction = h.transaction_id;
  r.ttl = h.ttl;
  r.max_response_length = h.max_response_length;
  r.return_path = return_path(h.via, from);
  r.copied_options = copied_to_response(h.options);
  return r;
}

}  // namespace

responder::responder(core::environment& env, std::size_t message_max, link_table& links, const message_maker& maker, message_router& router,
                     requester& own, messenger_observer& up)
    : env_(env), message_max_(message_max), links_(links), maker_(maker), router_(router), own_(own), up_(up) {}

void responder::on_request(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                           const std::optional<node_id>& from, const transport::link* arrived) {
  auto r = take_apart(h, p, signer, from);
  // What was held is looked at again while another one is: `arrived` is of that one.
  const bool by_it = arrived != nullptr && arrived->peer().node() == signer.node();
  if (r.direct && by_it && links_.to(*from) != arrived) r.by = links_.share(*arrived);
  if (too_long(r.copied_options)) {
    r.copied_options.clear();
    return respond(r, make_error(error_code::invalid_message, "more options to copy than an answer has room for"));
  }
  tell_of_configuration(h, maker_.configuration_sequence(), r.signer.node(), r.return_path, up_);
  // No option is known here.
  if (std::ranges::any_of(h.options, [](const auto& o) { return (o.flags & forwarding_option::destination_critical) != 0; }))
    return respond(r, make_error(error_code::unsupported_forwarding_option));
  if (!seen(r)) up_.on_request(std::move(r));
}

// A repeated one: it is answered already, or will be.
bool responder::seen(received_request& r) {
  const bool local = r.return_path.empty();
  if (idempotent(r.contents.code) || local) return false;
  switch (answers_.look(r.signer.node(), r.transaction, env_.now())) {
    case answer_cache::state::fresh: r.remember = true; return false;
    case answer_cache::state::in_progress: return true;
    case answer_cache::state::answered: break;
  }
  send(r, std::make_shared<core::bytes>(answers_.answer(r.signer.node(), r.transaction)));
  return true;
}

void responder::respond(const received_request& r, message_contents m) {
  if (stopped_) return;
  if (r.return_path.empty()) return own_.answer_locally(r.transaction, std::move(m));  // of this node to itself
  auto payload = std::make_shared<core::bytes>(maker_.seal(m, r.transaction));
  // "If this value is non-zero, responding peers MUST check that any response would not exceed it" (s.6.3.2).
  const bool over_theirs = r.max_response_length != 0 && header(r).message(*payload).size() > r.max_response_length;
  if (over_theirs || payload->size() + room_for_lists > message_max_) {
    *payload = maker_.seal(make_error(error_code::response_too_large), r.transaction);
  }
  if (r.remember) answers_.answered(r.signer.node(), r.transaction, *payload);
  send(r, std::move(payload));
}

forwarding_header responder::header(const received_request& r) const {
  auto h = maker_.header(r.transaction, r.return_path);
  h.options = r.copied_options;
  return h;
}

// Whom it does not reach by its link asks again.
void responder::send(const received_request& r, payload_ptr payload) {
  auto h = header(r);
  const auto by = r.by.lock();
  if (by && by->open() && router_.send_by(*by, h, payload, true)) return;
  router_.route(std::move(h), std::move(payload), std::nullopt, r.direct);
}

}  // namespace phyllo::overlay

#include "peer/peer_dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "reload/diagnostic_messages.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

bool asks_for_diagnosis(const message_contents& m) {
  return std::ranges::any_of(m.extensions, [](const extension& e) { return e.type == diagnostic_ping_extension; });
}

}  // namespace

void peer_dispatcher::on_members_changed() {
  to_.storage.held().on_members_changed();
  to_.kinds.teach_members();
  to_.up.on_members_changed();
}
void peer_dispatcher::on_activated() { to_.storage.held().on_activated(); }
void peer_dispatcher::on_synced(const node_id& from, const arc& where, std::uint64_t view) {
  to_.storage.held().on_synced(from, where.first, where.last, view);
}
void peer_dispatcher::on_unsynced_here(const node_id& keeper) { to_.storage.held().on_unsynced_here(keeper); }

// The one place where a message code is looked at: whom a request goes to.
void peer_dispatcher::on_request(received_request r) {
  switch (r.contents.code) {
    case code::store_req:
    case code::fetch_req:
    case code::stat_req:
    case code::find_req: return to_.storage.on_request(std::move(r));  // which judges extensions itself
    case code::config_update_req: return to_.documents.on_config_update(r);
    default: return on_own_method(std::move(r));
  }
}

void peer_dispatcher::on_own_method(received_request r) {
  const bool for_diagnosis = r.contents.code == code::ping_req && asks_for_diagnosis(r.contents);
  const auto known = [&](const extension& e) { return !e.critical || (for_diagnosis && e.type == diagnostic_ping_extension); };
  if (!std::ranges::all_of(r.contents.extensions, known))
    return to_.layers.messages().answers().respond(r, make_error(error_code::unknown_extension));
  switch (r.contents.code) {
    case code::attach_req:
      // To a Resource-ID goes the Attach of a joiner (s.11.4): clients know whom they attach to.
      if (r.resource && !r.signer.may_be_peer()) return to_.layers.topology().refuse_client(r);
      return to_.layers.making().on_attach(r);
    case code::app_attach_req: return to_.applications.on_app_attach(std::move(r));
    case code::ping_req: return for_diagnosis ? to_.diagnosis.on_diagnostic_ping(r) : to_.diagnosis.on_ping(r);
    case code::probe_req: return to_.diagnosis.on_probe(r);
    case code::path_track_req: return to_.diagnosis.on_path_track(r);
    case code::join_req: return to_.layers.topology().on_join(r);
    case code::leave_req: return to_.layers.topology().on_leave(r);
    case code::update_req: return to_.layers.topology().on_update(r);
    case code::route_query_req: return to_.layers.topology().on_route_query(std::move(r));
    default: return to_.layers.messages().answers().respond(r, make_error(error_code::invalid_message, "unknown message code"));
  }
}

void peer_dispatcher::on_revocations(const node_id& from, core::byte_view announced) { to_.revocations.on_announced(from, announced); }

void peer_dispatcher::on_configuration_differs(const node_id& who, bool too_old) { to_.documents.on_configuration_differs(who, too_old); }
void peer_dispatcher::on_old_configuration(destination_list return_path, const node_id& who) {
  to_.documents.on_old_configuration(std::move(return_path), who);
}
void peer_dispatcher::on_new_configuration(const node_id& who) { to_.documents.on_new_configuration(who); }
void peer_dispatcher::on_unknown_signer(const node_id& n) { to_.certificates.on_unknown_signer(n); }

void peer_dispatcher::on_link_question(received_request r, link_subject what, core::bytes question) {
  if (what == link_subject::revocations)
    return to_.layers.topology().carries().answer_on_link(r, what, to_.revocations.give(r.signer.node(), question));
  if (what == link_subject::document) return to_.layers.topology().carries().answer_on_link(r, what, to_.documents.piece(question));
  to_.storage.on_sync(std::move(r), std::move(question));
}

core::awaitable<void> peer_dispatcher::give_records(node_id to, std::vector<arc> where) {
  return to_.storage.held().give(to, std::move(where));
}

}  // namespace phyllo::overlay

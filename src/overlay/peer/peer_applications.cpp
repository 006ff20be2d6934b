#include "peer/peer_applications.hpp"

#include <utility>

#include "peer/occupied.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/await_answer.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t app_attaches_max = 64;  // of others, answered at once

// "This value MUST be 'passive' for the offerer (the peer sending the Attach request) and 'active' for the answerer" (s.6.5.1.1,
// s.6.5.2.1).
constexpr const char* offerer = "passive";
constexpr const char* answerer = "active";

std::uint16_t refusal(const core::error& e) { return e == errc::forbidden ? error_code::forbidden : error_code::not_found; }

}  // namespace

core::awaitable<core::result<application_offer>> peer_applications::attach(std::vector<node_id> route, std::uint16_t application,
                                                                           application_offer mine, core::duration timeout) {
  destination_list to;
  for (const auto& n : route) to.push_back(destination::to_node(n));
  if (to.empty()) co_return core::fail(errc::unreachable, "an empty route");
  mine.role = offerer;
  message_contents m;
  m.code = code::app_attach_req;
  m.body = app_attach_message{application, std::move(mine)}.encode();
  const auto answered = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), env_.now() + timeout);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  auto theirs = app_attach_message::decode(answered->contents.body);
  if (!theirs || theirs->application != application || theirs->offer.role != answerer)
    co_return core::fail(errc::invalid_message, "AppAttachAns");
  co_return std::move(theirs->offer);
}

void peer_applications::on_app_attach(received_request r) {
  auto theirs = app_attach_message::decode(r.contents.body);
  if (!theirs) return messenger_.answers().respond(r, make_error(error_code::invalid_message, theirs.error().message()));
  const auto at = served_.find(theirs->application);
  // "If the Application ID is not supported, the peer MUST reply with an Error_Not_Found error."
  if (at == served_.end()) return messenger_.answers().respond(r, make_error(error_code::not_found, "this application is not served here"));
  if (theirs->offer.role != offerer || theirs->offer.candidates.empty())
    return messenger_.answers().respond(r, make_error(error_code::invalid_message, "an offer's role is passive, and it has candidates"));
  if (answering_ >= app_attaches_max) return metrics_.drop("overloaded");
  tasks_.spawn(answer_offer(at->second, std::move(r), std::move(*theirs)));
}

core::awaitable<void> peer_applications::answer_offer(application_handler handler, received_request r, app_attach_message theirs) {
  const occupied slot(answering_);
  const auto from = r.signer.node();
  const auto application = theirs.application;
  auto mine = co_await handler(from, std::move(theirs.offer));
  if (!mine) {
    messenger_.answers().respond(r, make_error(refusal(mine.error()), mine.error().message()));
    co_return;
  }
  mine->role = answerer;
  messenger_.answers().respond(r, answer_to(r, app_attach_message{application, std::move(*mine)}.encode()));
}

}  // namespace phyllo::overlay

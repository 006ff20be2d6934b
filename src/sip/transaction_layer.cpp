#include "transaction_layer.hpp"

#include "transaction_layer_impl.hpp"

namespace phyllo::sip {

transaction_layer::impl::impl(core::environment& e, transport_layer& t, transaction_options o, core::metrics& m, core::logger l)
    : env(e),
      transport(t),
      options(o),
      metrics(m),
      log(std::move(l)),
      strangers_forgotten(m.evictions("sip_strangers_answered")),
      alarm(e.make_timer()),
      scope(e) {
  scope.spawn(drive());
}

transaction_layer::transaction_layer(core::environment& env, transport_layer& transport, transaction_options o, core::metrics& m,
                                     core::logger log)
    : impl_(std::make_unique<impl>(env, transport, o, m, std::move(log))) {
  transport.observe(this);
}

transaction_layer::~transaction_layer() = default;

void transaction_layer::observe(transaction_user* user) { impl_->user = user; }
std::size_t transaction_layer::size() const noexcept { return impl_->size(); }

core::result<client_id> transaction_layer::send_request(message request, destination to) {
  return impl_->send_request(std::move(request), std::move(to));
}

void transaction_layer::cancel(client_id invite) { impl_->cancel(static_cast<std::uint64_t>(invite)); }

void transaction_layer::prove(const source& from) { impl_->transport.prove(from); }
std::size_t transaction_layer::room_for(const source& from) const { return impl_->transport.room_for(from); }
void transaction_layer::keep_flow(flow_id flow, bool kept) { impl_->transport.keep_flow(flow, kept); }

core::status transaction_layer::send_stateless(message request, destination to) {
  const auto branch = impl_->stateless_branch(request);
  request.push_via(name_of(to.by), impl_->transport.sent_by(to.by), branch);
  return impl_->transport.send(to, core::as_bytes(request.print()), 0);
}

void transaction_layer::reply(server_id id, message response) {
  if (auto* s = impl_->find_server(static_cast<std::uint64_t>(id))) impl_->reply(*s, response);
}

void transaction_layer::reply(server_id id, int status, std::string_view phrase) {
  auto* s = impl_->find_server(static_cast<std::uint64_t>(id));
  if (s != nullptr && s->request) impl_->reply(*s, s->request->reply(status, phrase, impl_->tag_of(*s)));
}

void transaction_layer::reply_stateless(const message& request, const source& from, message response) {
  static_cast<void>(impl_->transport.send(response_target(request, from), core::as_bytes(response.print()), 0));
}

std::shared_ptr<const message> transaction_layer::request_of(server_id id) const {
  const auto* s = impl_->find_server(static_cast<std::uint64_t>(id));
  return s == nullptr ? nullptr : s->request;
}

bool transaction_layer::merged(server_id id) const {
  const auto* s = impl_->find_server(static_cast<std::uint64_t>(id));
  return s != nullptr && !s->merge.empty() && impl_->merges[s->merge] > 1;
}

std::string transaction_layer::to_tag_for(server_id id) const {
  auto* s = impl_->find_server(static_cast<std::uint64_t>(id));
  return s == nullptr ? std::string() : impl_->tag_of(*s);
}

void transaction_layer::on_message(message m, const source& from) {
  if (m.is_request())
    impl_->on_request(std::move(m), from);
  else
    impl_->on_response(std::move(m), from);
}

void transaction_layer::on_send_failed(std::uint64_t token, const core::error& why) { impl_->on_send_failed(token, why); }

void transaction_layer::on_flow_closed(flow_id flow) {
  if (impl_->user != nullptr) impl_->user->on_flow_closed(flow);
}

core::awaitable<void> transaction_layer::stop() {
  impl_->transport.observe(nullptr);
  impl_->user = nullptr;
  impl_->scope.cancel();
  co_await impl_->scope.join();
}

}  // namespace phyllo::sip

#include "transaction_layer.hpp"

#include "message_edit.hpp"
#include "phyllo/core/task_scope.hpp"
#include "response_target.hpp"
#include "transaction_branch.hpp"
#include "transaction_layer_client.hpp"
#include "transaction_layer_server.hpp"

namespace phyllo::sip {

struct transaction_layer::impl {
  impl(core::environment& e, transport_layer& t, transaction_options o, core::metrics& m)
      : env(e), transport(t), options(o), clock(e), clients({e, t, options, m, clock}), servers({e, t, options, m, clock}), scope(e) {
    scope.spawn(drive());
  }

  void tell(transaction_user* u) {
    user = u;
    clients.observe(u);
    servers.observe(u);
  }
  [[nodiscard]] std::size_t size() const noexcept { return clients.size() + servers.size(); }
  core::awaitable<void> drive();

  core::environment& env;
  transport_layer& transport;
  transaction_options options;
  transaction_user* user = nullptr;
  transaction_clock clock;
  client_transactions clients;
  server_transactions servers;
  core::task_scope scope;
};

core::awaitable<void> transaction_layer::impl::drive() {
  while (true) {  // ends by cancellation, in stop()
    while (const auto id = clock.take_due()) {
      const bool of_client = (*id & 1) != 0;
      of_client ? clients.on_timer(*id) : servers.on_timer(*id);
    }
    co_await clock.alarm().wait();
  }
}

transaction_layer::transaction_layer(core::environment& env, transport_layer& transport, transaction_options o, core::metrics& m,
                                     core::logger)
    : impl_(std::make_unique<impl>(env, transport, o, m)) {
  transport.observe(this);
}

transaction_layer::~transaction_layer() = default;

void transaction_layer::observe(transaction_user* user) { impl_->tell(user); }
std::size_t transaction_layer::size() const noexcept { return impl_->size(); }

core::result<client_id> transaction_layer::send_request(message request, destination to) {
  if (size() >= impl_->options.transactions_max) return core::fail(errc::overloaded, "too many transactions");
  return impl_->clients.send_request(std::move(request), std::move(to));
}

void transaction_layer::cancel(client_id invite) { impl_->clients.cancel(static_cast<std::uint64_t>(invite)); }

void transaction_layer::prove(const source& from) { impl_->transport.prove(from); }
std::size_t transaction_layer::room_for(const source& from) const { return impl_->transport.room_for(from); }
void transaction_layer::keep_flow(flow_id flow, bool kept) { impl_->transport.keep_flow(flow, kept); }

core::status transaction_layer::send_stateless(message request, destination to) {
  const auto branch = stateless_branch(impl_->env, impl_->options.shard, request);
  push_via(request, name_of(to.by), impl_->transport.sent_by(to.by), branch);
  return impl_->transport.send(to, core::as_bytes(request.print()), 0);
}

void transaction_layer::reply(server_id id, message response) { impl_->servers.reply(static_cast<std::uint64_t>(id), response); }

void transaction_layer::reply(server_id id, int status, std::string_view phrase) {
  impl_->servers.reply(static_cast<std::uint64_t>(id), status, phrase);
}

void transaction_layer::reply_stateless(const message& request, const source& from, message response) {
  static_cast<void>(impl_->transport.send(response_target(request, from), core::as_bytes(response.print()), 0));
}

std::shared_ptr<const message> transaction_layer::request_of(server_id id) const {
  return impl_->servers.request_of(static_cast<std::uint64_t>(id));
}

bool transaction_layer::merged(server_id id) const { return impl_->servers.merged(static_cast<std::uint64_t>(id)); }

std::string transaction_layer::to_tag_for(server_id id) const { return impl_->servers.to_tag_for(static_cast<std::uint64_t>(id)); }

void transaction_layer::on_message(message m, const source& from) {
  if (m.is_request())
    impl_->servers.on_request(std::move(m), from, impl_->clients.size());
  else
    impl_->clients.on_response(std::move(m), from);
}

void transaction_layer::on_send_failed(std::uint64_t token, const core::error& why) { impl_->clients.on_send_failed(token, why); }

void transaction_layer::on_flow_closed(flow_id flow) {
  if (impl_->user != nullptr) impl_->user->on_flow_closed(flow);
}

core::awaitable<void> transaction_layer::stop() {
  impl_->transport.observe(nullptr);
  impl_->tell(nullptr);
  impl_->scope.cancel();
  co_await impl_->scope.join();
}

}  // namespace phyllo::sip

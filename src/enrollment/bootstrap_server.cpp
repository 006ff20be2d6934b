#include "login_terms.hpp"
#include "phyllo/enrollment/login_server.hpp"

namespace phyllo::enrollment {
namespace {

using transport::http_request;
using transport::http_response;

// The list changes as supernodes come and go; the document only by its sequence.
constexpr const char* list_cache = "max-age=30";
constexpr const char* document_cache = "no-cache";

http_response plain(int status, std::string_view text) { return {status, {{"content-type", "text/plain"}}, std::string(text)}; }

http_response of(std::string_view type, const char* cache, std::string body) {
  return {200, {{"content-type", std::string(type)}, {"cache-control", cache}}, std::move(body)};
}

class bootstrap_server_impl final : public bootstrap_server {
 public:
  explicit bootstrap_server_impl(live_list live) : live_(std::move(live)) {}

  void publish(std::string document, std::string signer_certificate_pem) override {
    document_ = std::move(document);
    signer_ = std::move(signer_certificate_pem);
  }

  void serve_revocations(std::function<std::string()> list) override { revocations_ = std::move(list); }

  core::awaitable<http_response> handle(http_request r) override { co_return answer(r); }

 private:
  [[nodiscard]] http_response answer(const http_request& r) const {
    const auto path = r.path();
    if (path != configuration_path && path != supernodes_path && path != signer_path && path != revocations_path)
      return plain(404, "not found\n");
    if (r.method != "GET") return {405, {{"content-type", "text/plain"}, {"allow", "GET"}}, "GET it\n"};
    if (document_.empty()) return {503, {{"content-type", "text/plain"}, {"retry-after", "5"}}, "no configuration document yet\n"};
    if (path == configuration_path) return of(document_type, document_cache, document_);
    if (path == revocations_path) {
      auto list = revocations_ ? revocations_() : std::string();
      if (list.empty()) return {404, {{"content-type", "text/plain"}}, "this overlay has no revocation list\n"};
      return of("application/octet-stream", document_cache, std::move(list));
    }
    if (path == signer_path) return of("application/pem-certificate-chain", document_cache, signer_);
    // Who looks at the wire should not learn the list in passing.
    if (!r.secure) return plain(403, "https only\n");
    auto list = live_();
    if (list.empty()) return {503, {{"content-type", "text/plain"}, {"retry-after", "5"}}, "no certificate to sign the list with yet\n"};
    return of("application/json", list_cache, std::move(list));
  }

  live_list live_;
  std::string document_;
  std::string signer_;
  std::function<std::string()> revocations_;
};

}  // namespace

std::unique_ptr<bootstrap_server> bootstrap_server::create(live_list live) {
  return std::make_unique<bootstrap_server_impl>(std::move(live));
}

}  // namespace phyllo::enrollment

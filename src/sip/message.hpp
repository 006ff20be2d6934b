// A SIP message (RFC 3261 s.7): a table of header lines, read through a typed face. message_edit.hpp has what edits it, and
// message_fields.hpp what more its fields say.
//
// pre_scan checks the bytes and cuts the lines; sofia-sip's header classes parse a field's values when they are asked
// for. sofia's own message object (msg_t) is not used: it checks its whole chain at every insertion (quadratic), and
// asserts on it. So a line that is not edited is printed as it was received, in order, known or not, and a copy for a
// fork shares the received bytes. No call throws on input. References that accessors return last until the next edit,
// string views as long as the message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headers.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/sip/errc.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "uri.hpp"

namespace phyllo::sip {

enum class framing : std::uint8_t {
  datagram,  // octets beyond Content-Length are ignored (s.18.3)
  stream,    // exactly one message, as stream_framing cuts it
  own,       // what print() gave: the limits of what others send do not hold
};

// Why a request can not be processed, as the reply to send.
struct refusal {
  int status = 0;
  std::string phrase;
};

class message {
 public:
  // errc::too_large, errc::malformed: nothing that one could reply to; discard it.
  [[nodiscard]] static core::result<message> parse(core::byte_view data, framing f);

  // A request of our own with its start line, To, From, Call-ID and CSeq, Max-Forwards 70; no Via.
  // errc::malformed when a text does not parse.
  [[nodiscard]] static core::result<message> request(std::string_view method, std::string_view request_uri, std::string_view from,
                                                     std::string_view to, std::string_view call_id, std::uint32_t cseq);

  message(message&&) noexcept;
  message& operator=(message&&) noexcept;
  ~message();

  // An independent message of the same content, for a fork.
  [[nodiscard]] message copy() const;

  // A response to this request by s.8.2.6: Via, From, To, Call-ID, CSeq copied (Timestamp for 100). `to_tag` is added
  // to a To without tag (not for 100). Empty phrase: the RFC's.
  [[nodiscard]] message reply(int status, std::string_view phrase = {}, std::string_view to_tag = {}) const;

  // The CANCEL (s.9.1), or with its response the ACK for other than 2xx (s.17.1.1.3), of this request, which bears our Via.
  [[nodiscard]] message follow_up(std::string_view method, const message* response = nullptr) const;

  // Set by parse(): the request is syntactically broken or breaks s.8.1.1 or s.16.3 step 1 (400, 505) and gets this
  // reply (ACK: nothing). Broken responses do not leave parse().
  [[nodiscard]] const std::optional<refusal>& defect() const noexcept;

  // ---- Start line
  [[nodiscard]] bool is_request() const noexcept;
  [[nodiscard]] sip::method method() const noexcept;  // of a response: CSeq's
  [[nodiscard]] std::string_view method_name() const noexcept;
  [[nodiscard]] const uri& request_uri() const noexcept;  // scheme "" when it did not parse
  [[nodiscard]] int status() const noexcept;              // 0 for a request
  [[nodiscard]] std::string_view phrase() const noexcept;

  // ---- Dialog and transaction identification
  [[nodiscard]] std::string_view call_id() const noexcept;
  [[nodiscard]] sip::cseq cseq() const noexcept;
  [[nodiscard]] const address& from() const;
  [[nodiscard]] const address& to() const;

  // ---- Lists
  [[nodiscard]] const std::vector<via>& vias() const;
  [[nodiscard]] const std::vector<address>& routes() const;
  [[nodiscard]] const std::vector<address>& record_routes() const;
  [[nodiscard]] const std::vector<address>& paths() const;  // RFC 3327
  [[nodiscard]] const std::vector<contact>& contacts() const;

  // ---- Numbers
  [[nodiscard]] std::optional<std::uint32_t> expires() const;
  [[nodiscard]] std::optional<std::uint32_t> max_forwards() const;

  // ---- Any header field by name (compact form too), as text after the colon, trimmed; one entry a line.
  [[nodiscard]] std::vector<std::string> headers(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;  // the first
  // Appends a line. errc::malformed: a name that is no token, or a value with CR, LF or NUL.
  core::status add_header(std::string_view name, std::string_view value);
  void remove_headers(std::string_view name);

  // ---- Body, opaque
  [[nodiscard]] core::byte_view body() const noexcept;

  // Content-Length is always written and right.
  [[nodiscard]] std::string print() const;

  struct impl;  // private to message*.cpp, as is what follows
  [[nodiscard]] impl& inside() const noexcept { return *impl_; }

 private:
  explicit message(std::unique_ptr<impl> i) noexcept;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::sip

#include "reload/received_request.hpp"

#include <doctest.h>

#include "overlay/support/still_link.hpp"
#include "reload/message_codes.hpp"

namespace received_request_test {

using namespace phyllo;

TEST_CASE("an answer has the code behind its request's, and says nothing but what it is given to say") {
  for (const auto asked : {overlay::code::ping_req, overlay::code::store_req, overlay::code::path_track_req}) {
    overlay::received_request r{
        .contents = {}, .signer = testing::bare_certificate({}), .resource = {}, .link_peer = {}, .return_path = {}, .copied_options = {}};
    r.contents.code = asked;
    r.contents.body = {9, 9};
    r.contents.extensions.push_back({.type = 7, .critical = true, .content = {1}});
    r.contents.certificates.push_back(testing::bare_certificate({}));
    const auto a = overlay::answer_to(r, {1, 2, 3});
    CHECK(a.code == asked + 1);
    CHECK(overlay::is_request(asked));
    CHECK_FALSE(overlay::is_request(a.code));
    CHECK(a.body == core::bytes{1, 2, 3});
    CHECK(a.extensions.empty());
    CHECK(a.certificates.empty());
    CHECK(overlay::answer_to(r).body.empty());
  }
}

}  // namespace received_request_test

#include "cfwarden/search/typical_text.h"

namespace cfwarden {
namespace {

using namespace std::string_view_literals;

// Lines of about 64 letters, of as many sorts of file as possible.
constexpr std::string_view text =
    "the service will not be started when another connection to it is already in use.\n"
    "This function returns the result or exits: the number of elements, or zero if it is empty.\n"
    "IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT\n"
    "  * Fixed a regression in the kernel tunnel driver (Closes: #123456), thanks to the team.\n"
    "static inline int device_channel_select(struct device *dev, unsigned long flags, void *p)\n"
    "    if (likely(!ret)) {\n\t\treturn -EINVAL;\n\t} else if (unlikely(len < sizeof(u32)))\n"
    "#define BOOST_PP_INTERNAL_SECTION_TRANSFORM(A0, A1, A2, A3, TYPENAME) CONST_VOLATILE_TRAITS\n"
    "#ifndef _LINUX_KERNEL_SELFTEST_H\n#define __ALIGN_ENTRY_CONTEXT 0x00000040UL /* ENABLED */\n"
    "template <typename T, typename Traits = default_traits<T>> class channel : public base<T> {\n"
    "typename boost::mpl::eval_if<is_same<T, U>, T1, T2, T3, T4, T5>::type, A, B, C, D, E, F, G\n"
    "_ZNSt8__detail12_Rb_tree_implIN5boost6system10error_codeESt4pairIKS2_NS_9allocatorEELb1EE\n"
    "libcrypto.so.3\0GLIBC_2.34\0_ITM_deregisterTMCloneTable\0__gmon_start__\0_init\0.rodata\0"
    "def __init__(self, name, value=None, *, encoding='utf-8', tunnel=False):\n        return "
    "None\n"
    "        raise TypeError(\"unexpected keyword argument: %r\" % (key,))\n    assert "
    "isinstance(x)\n"
    "import { resolve, relative } from 'node:path';\nexport default async function main(options) "
    "{\n"
    "!function(e,t){\"object\"==typeof exports?module.exports=t():e.n=t(r,i)}(this,function(){var "
    "a;\n"
    "{\"id\": 10, \"name\": \"tunnel-a\", \"created_at\": \"2026-01-02T10:00:00Z\", \"tags\": "
    "[\"a\", \"s\"]},\n"
    "  <a href=\"https://www.example.com/index.html\">\n    <span "
    "class=\"nav-item\">Select</span></a>\n"
    "2026-09-01T12:00:01Z INF Registered tunnel connection connIndex=0 ip=198.41.200.13 "
    "location=a\n"
    "Sep 11 10:00:00 host systemd[1]: Started cloudflared.service - cloudflared tunnel client.\n"
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tunnel-secret\n  namespace: default\ntype: "
    "Opaque\n"
    "resource \"cloudflare_record\" \"www\" {\n  zone_id = var.cloudflare_zone_id\n  ttl     = "
    "3600\n"
    ".TP\n.B \\-\\-tunnel\\-protocol\nThe protocol used. See \\fBselect\\fR(2), \\fBsection\\fR "
    "3.\n"
    "GET /api/v4/accounts HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; "
    "Linux)\r\n"
    "$(OBJECTS): %.o: %.c ; $(CC) $(CFLAGS) -o $@ -c $<\nPREFIX ?= /usr/local\nexport "
    "LANG=C.UTF-8\n"
    "msgid \"Can't open file %s for reading\"\nmsgstr \"Datei konnte nicht gelesen werden\"\n"
    "0x7fff5fbff8c0 0000000000401136 <main>: 55 48 89 e5 48 83 ec 10 ff ff 00 00 c3 66 0f 1f 44\n"
    "AWAVAUATUSH\203\354XH\211|$(H\211T$0L\211D$PH\213t$8H\215L$@H\211D$HH[]A\\A]A^A_\303"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0H\0\0\0\1\0\0\0D\0\0\0\2\0\0\0@\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0"
    "S\0o\0f\0t\0w\0a\0r\0e\0\\\0M\0i\0c\0r\0o\0s\0o\0f\0t\0\\\0I\0n\0t\0e\0r\0n\0e\0t\0"
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 sha256 d41d8cd98f00b204e980\n"
    ",1024,2048,0.5,1.25,-1,NULL,NULL,'N','Y',TRUE,FALSE,12345,67890,3.14159,2.71828,100,200,300\n"sv;

}  // namespace

std::string_view typical_text() {
  return text;
}

}  // namespace cfwarden
